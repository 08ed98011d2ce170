import json
from typing import Any

import stix2  # type: ignore[import-untyped]
import yara  # type: ignore[import-not-found]
from stix2patterns.validator import run_validator  # type: ignore[import-untyped]

from codered.export.indicators.stix import make_stix
from tests.fixtures.asked_requests import shipped
from tests.fixtures.exported_packs import make_log, with_signs


def read_objects() -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = json.loads(make_stix(shipped()).files[0].data)["objects"]
    return objects


def test_the_bundle_is_read_strictly_and_every_reference_is_in_it() -> None:
    made = make_stix(shipped())
    bundle = stix2.parse(made.files[0].data.decode(), allow_custom=False)
    assert len(bundle.objects) > 200
    known = {one["id"] for one in read_objects()}
    assert len(known) == len(bundle.objects)
    for one in read_objects():
        named = [value for key, value in one.items() if key.endswith("_ref")] + one.get("object_refs", [])
        assert known >= set(named), one["id"]
    assert make_stix(shipped()) == made
    assert make_stix(()).files == ()
    small = make_stix((with_signs(make_log()),))
    assert len(stix2.parse(small.files[0].data.decode(), allow_custom=False).objects) == 5


def test_every_pattern_is_one() -> None:
    kinds = {"stix": 0, "yara": 0}
    for one in (each for each in read_objects() if each["type"] == "indicator"):
        kinds[one["pattern_type"]] += 1
        if one["pattern_type"] == "stix":
            assert run_validator(one["pattern"], stix_version="2.1") == [], one["pattern"]
        else:
            yara.compile(source=one["pattern"])
    assert kinds["stix"] > 60
    assert kinds["yara"] > 10


def test_a_threat_is_tied_to_its_holes_techniques_and_signs() -> None:
    objects = {one["id"]: one for one in read_objects()}
    (nimda,) = (one for one in objects.values() if one["type"] == "malware" and one["name"] == "Nimda")
    ties = [one for one in objects.values() if one["type"] == "relationship"]
    holes = {
        objects[t["target_ref"]]["name"] for t in ties if t["source_ref"] == nimda["id"] and "exploits" in t.values()
    }
    assert "CVE-2000-0884" in holes
    signs = {objects[t["source_ref"]]["name"] for t in ties if t["target_ref"] == nimda["id"]}
    assert "Code Red II or Nimda or sadmind/IIS: root exe request" in signs
    used = {objects[t["target_ref"]]["name"] for t in ties if t["source_ref"] == nimda["id"]}
    assert "Exploit Public-Facing Application" in used
    (head,) = (one for one in objects.values() if one["type"] == "report")
    assert "stix2" in head["description"]


def test_what_no_pattern_says_is_named() -> None:
    left = {one.sign for one in make_stix(shipped()).left_out}
    assert left >= {"codered/ida-error", "codered2/metabase-c", "kinsing/cron-loader", "nimda/two-hundred-threads"}
    assert "kinsing/body" not in left
