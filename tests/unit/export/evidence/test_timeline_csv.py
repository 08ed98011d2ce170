import csv
import io
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.evidence.reading import read_finished
from codered.export.evidence.timeline_csv import COLUMNS, render_timeline
from codered.model.finding import Subject
from tests.fixtures.evidence import make_container, read_manifest
from tests.unit.export.evidence.test_stix import ADDRESS, WHEN, make_report


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_events_stand_in_order_with_their_source(tmp_path: Path) -> None:
    manifest, entries = read_finished(make_container(tmp_path))
    rows = read(render_timeline(manifest, entries, make_report(ADDRESS)))
    assert tuple(rows[0]) == COLUMNS
    assert [row["time_utc"] for row in rows] == sorted(row["time_utc"] for row in rows)
    kinds = [row["kind"] for row in rows]
    assert {"file modified", "file changed", "folder modified", "collected", "first seen", "custody seal"} <= set(kinds)
    modified = rows[kinds.index("file modified")]
    assert (modified["time_utc"], modified["source"]) == ("2023-11-14T22:13:20.123456Z", "item 000001")
    assert rows[kinds.index("first seen")]["time_utc"] == f"{WHEN:%FT%T}.000000Z"


@pytest.mark.parametrize("text", ["=cmd|'/c x'!A0", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_is_a_formula_or_a_second_row(tmp_path: Path, text: str) -> None:
    manifest, entries = read_finished(make_container(tmp_path))
    odd = tuple(replace(entry, who=text) for entry in entries)
    hostile = replace(ADDRESS, pack=text, id=text, subject=Subject(kind="file", path=text), because="\n=x")
    report = make_report(hostile)
    rows = read(render_timeline(manifest, odd, report))
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row.values())
    assert len(rows) == len(read(render_timeline(manifest, entries, make_report(ADDRESS))))


@pytest.mark.parametrize("mtime_ns", [-(10**18), 2**63 - 1, 10**30])
def test_odd_times_do_not_break_it(tmp_path: Path, mtime_ns: int) -> None:
    manifest = read_manifest(make_container(tmp_path))
    item = manifest.items[0]
    assert item.origin.attributes is not None
    odd = replace(item, origin=replace(item.origin, attributes=replace(item.origin.attributes, mtime_ns=mtime_ns)))
    assert len(read(render_timeline(replace(manifest, items=(odd,)), (), None))) == 5
