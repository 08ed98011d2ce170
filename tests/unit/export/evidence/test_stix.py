import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import stix2  # type: ignore[import-untyped]
from msgspec.structs import replace

from codered.export.evidence.stix import render_stix
from codered.model.evidence import EvidenceManifest
from codered.model.finding import Evidence, Finding, Subject
from codered.model.report import Attacker, LogSummary, PackUsed, Report
from codered.model.target import TargetInfo
from tests.fixtures.evidence import make_container, read_manifest

WHEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
FILE = Finding(
    id="f1", pack="codered2", indicator="root-exe", layer="files", subject=Subject(kind="file", path="/x\n\x1b"),
    confidence="confirmed", severity="high", because="b",
    evidence=(Evidence(what="the whole file", sha256="ab" * 32, size=3, source="file"),),
)  # fmt: skip
PROCESS = replace(FILE, id="f2", subject=Subject(kind="process", pid=7, start=8, key="x"), layer="processes")
ADDRESS = replace(FILE, id="f3", subject=Subject(kind="address", address="192.0.2.7"), layer="logs", first_seen=WHEN)
ODD = replace(FILE, id="f4", subject=Subject(kind="address", address="'] OR [x"), pack="unattributed")


def make_report(*findings: Finding) -> Report:
    attackers = (
        Attacker(address="2001:db8::1%eth0", internal=False, threats=(), count=3, first_seen=WHEN, last_seen=WHEN),
        Attacker(address="no address\x00", internal=False, threats=(), count=1),
    )
    return Report(
        id="r", tool="codered 0", command=(), started=WHEN, seconds=1.0, scope=(), verdict="infected",
        target=TargetInfo(kind="live_linux", root="/"), findings=findings, logs=LogSummary(attackers=attackers),
        packs=(PackUsed("codered2", "1", "d", "Code Red II"),),
    )  # fmt: skip


@pytest.fixture
def manifest(tmp_path: Path) -> EvidenceManifest:
    return read_manifest(make_container(tmp_path))


def by_kind(text: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for one in json.loads(text)["objects"]:
        found.setdefault(one["type"], []).append(one)
    return found


def test_the_bundle_is_valid_and_holds_what_was_seen(manifest: EvidenceManifest) -> None:
    text = render_stix(manifest, make_report(FILE, PROCESS, ADDRESS, ODD))
    stix2.parse(text, allow_custom=False)
    found = by_kind(text)
    assert [one["value"] for one in found["ipv4-addr"]] == ["192.0.2.7"]
    assert [one["value"] for one in found["ipv6-addr"]] == ["2001:db8::1"]
    assert [one["pid"] for one in found["process"]] == [7]
    assert [one["name"] for one in found["malware"]] == ["Code Red II"]
    assert [one["pattern"] for one in found["indicator"]] == [f"[file:hashes.'SHA-256' = '{'ab' * 32}']"]
    (file,) = found["file"]
    assert file["hashes"] == {"SHA-256": manifest.items[0].sha256}
    assert file["name"] == "=cmd\n\\xff.php"
    assert {"identity", "observed-data", "report", "relationship", "directory"} <= found.keys()


def test_every_reference_leads_somewhere(manifest: EvidenceManifest) -> None:
    objects = json.loads(render_stix(manifest, make_report(FILE, PROCESS, ADDRESS)))["objects"]
    known = {one["id"] for one in objects}
    for one in objects:
        for name, value in one.items():
            if name.endswith(("_ref", "_refs")):
                assert set([value] if isinstance(value, str) else value) <= known, (one["id"], name)


def test_the_same_evidence_is_the_same_bundle(manifest: EvidenceManifest) -> None:
    assert render_stix(manifest, make_report(FILE)) == render_stix(manifest, make_report(FILE))
    assert render_stix(manifest, None) != render_stix(replace(manifest, id="other"), None)


def test_without_a_report_the_files_are_told(manifest: EvidenceManifest) -> None:
    text = render_stix(manifest, None)
    stix2.parse(text, allow_custom=False)
    assert "malware" not in by_kind(text)
    assert len(by_kind(text)["file"]) == 1
    stix2.parse(render_stix(replace(manifest, items=()), None), allow_custom=False)


def test_a_hash_that_is_none_makes_no_pattern(manifest: EvidenceManifest) -> None:
    forged = Evidence(what="the whole file", sha256="' OR file:name = '" + "a" * 46, source="file")
    text = render_stix(manifest, make_report(replace(FILE, evidence=(forged,))))
    assert "indicator" not in by_kind(text)


@pytest.mark.parametrize("mtime_ns", [-(10**18), 2**63 - 1])
def test_odd_times_do_not_break_it(manifest: EvidenceManifest, mtime_ns: int) -> None:
    item = manifest.items[0]
    assert item.origin.attributes is not None
    attributes = replace(item.origin.attributes, mtime_ns=mtime_ns)
    odd = replace(item, origin=replace(item.origin, attributes=attributes))
    stix2.parse(render_stix(replace(manifest, items=(odd,)), None), allow_custom=False)
