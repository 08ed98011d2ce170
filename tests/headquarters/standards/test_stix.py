"""The bundle holds to STIX 2.1, as the library of OASIS reads it, and says what happened."""

import json
from typing import Any

import msgspec
import pytest
import stix2  # type: ignore[import-untyped]

from codered.export.indicators.stix import make_stix
from codered.packs.loading import find_shipped_packs, load_packs
from codered.packs.rule_source import parse_pack
from codered_hq.standards.stix import make_bundle, render_stix
from tests.fixtures.happened import PACKS, make_happenings


@pytest.fixture(scope="module")
def signs() -> list[dict[str, Any]]:
    """The objects of the packs' own bundle."""
    packs = tuple(map(parse_pack, load_packs(find_shipped_packs(), PACKS)))
    objects: list[dict[str, Any]] = json.loads(make_stix(packs).files[0].data)["objects"]
    return objects


def test_the_library_reads_it_strictly(signs: list[dict[str, Any]]) -> None:
    text = render_stix(make_happenings(), signs)
    bundle = stix2.parse(text, allow_custom=False)
    kinds = [one["type"] for one in json.loads(text)["objects"]]
    wanted = {
        "malware": 2, "incident": 1, "extension-definition": 1, "infrastructure": 1, "sighting": 2, "ipv4-addr": 1,
        "ipv6-addr": 1, "course-of-action": 1, "marking-definition": 1,
    }  # fmt: skip
    assert {kind: kinds.count(kind) for kind in wanted} == wanted
    assert {"indicator", "attack-pattern", "relationship", "identity"} <= set(kinds)
    known = {one.id for one in bundle.objects}
    for one in json.loads(text)["objects"]:
        named = [value for name, value in one.items() if name.endswith("_ref")]
        named += [value for name, values in one.items() if name.endswith("_refs") for value in values]
        assert set(named) <= known, one
    with pytest.raises(stix2.exceptions.STIXError):
        stix2.parse(text.replace('"course-of-action"', '"course-of-nothing"'), allow_custom=False)


def test_what_it_says(signs: list[dict[str, Any]]) -> None:
    happened = make_happenings()
    objects = make_bundle(happened, signs)["objects"]
    assert make_bundle(happened, signs) == make_bundle(happened, signs)
    marking = next(one for one in objects if one["type"] == "marking-definition")
    assert (marking["name"], marking["extensions"][next(iter(marking["extensions"]))]["tlp_2_0"]) == (
        "TLP:AMBER+STRICT", "amber+strict",
    )  # fmt: skip
    ours = [one for one in objects if marking["id"] in one.get("object_marking_refs", ())]
    assert {"incident", "sighting", "infrastructure", "course-of-action"} <= {one["type"] for one in ours}
    incident = next(one for one in objects if one["type"] == "incident")
    told = next(iter(incident["extensions"].values()))
    assert (told["step"], told["nist_csf"], len(told["tasks"]), len(told["decisions"])) == ("contain", "RS", 5, 4)
    sightings = [one for one in objects if one["type"] == "sighting"]
    assert [(one["count"], len(one["where_sighted_refs"])) for one in sightings] == [(1, 1), (1, 1)]
    how = {one["relationship_type"] for one in objects if one["type"] == "relationship"}
    assert {"consists-of", "hosts", "mitigates", "related-to", "indicates", "uses"} <= how


def test_an_incident_without_anything() -> None:
    empty = msgspec.structs.replace(make_happenings(), packs=(), hosts=(), findings=(), decisions=(), tasks=())
    stix2.parse(render_stix(empty, []), allow_custom=False)
