import csv
import io
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.export.evidence.index_csv import COLUMNS, render_index
from codered.model.paths import FilePath
from tests.fixtures.evidence import make_container, read_manifest


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_each_item_is_told_with_where_it_comes_from(tmp_path: Path) -> None:
    manifest = read_manifest(make_container(tmp_path))
    first, second = read(render_index(manifest))
    assert tuple(first) == COLUMNS
    assert (first["item"], first["kind"], first["mode"], first["uid"]) == ("000001", "file", "100644", "0")
    assert first["path"].startswith("/srv/../=cmd")
    assert (first["sha256"], first["size"]) == (manifest.items[0].sha256, str(manifest.items[0].size))
    assert (second["source"], second["path"], second["mode"]) == ("every process", "", "")


@pytest.mark.parametrize("text", ["=cmd|'/c x'!A0", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula_or_a_second_row(tmp_path: Path, text: str) -> None:
    manifest = read_manifest(make_container(tmp_path))
    item = manifest.items[0]
    hostile = replace(item, origin=replace(item.origin, path=FilePath(text), source=text))
    (row,) = read(render_index(replace(manifest, items=(hostile,))))
    assert not row["path"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert not row["source"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
