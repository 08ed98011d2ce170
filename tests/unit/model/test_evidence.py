from datetime import UTC, datetime

import msgspec

from codered.model.evidence import CustodyEntry, EvidenceItem, EvidenceManifest, ItemOrigin
from tests.fixtures.evidence import ODD, make_heading


def test_a_manifest_loses_nothing_of_an_odd_name() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    item = EvidenceItem(
        id="000001", name="items/000001", order=1, origin=ItemOrigin(kind="file", source="x", path=ODD),
        sha256="0" * 64, size=0, collected=now,
    )  # fmt: skip
    manifest = EvidenceManifest(
        id="i", heading=make_heading(), created=now, finished=now, encoding="e", key="", custody=1, complete=True,
        items=(item,),
    )  # fmt: skip
    raw = msgspec.json.encode(manifest)
    assert raw.startswith(b'{"format":"codered/evidence/1"')
    assert msgspec.json.decode(raw, type=EvidenceManifest) == manifest


def test_an_entry_is_written_with_from_and_to() -> None:
    entry = CustodyEntry(
        seq=1, prev="", evidence_id="i", what="copy", who="a", at="", key="", hash="", signature="", giver="a",
        receiver="b",
    )  # fmt: skip
    fields = msgspec.to_builtins(entry)
    assert (fields["from"], fields["to"], fields["format"]) == ("a", "b", "codered/custody/1")
    assert msgspec.convert(fields, CustodyEntry) == entry
