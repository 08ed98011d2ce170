import os
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.importing import source_files
from codered_hq.importing.source_files import MOST_LINE, open_source
from tests.fixtures.opened_sources import open_bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_lines_by_encoding(encoding: str) -> None:
    data = "a;ü\r\n\nlast".encode(encoding)
    if encoding == "utf-16-be":
        data = b"\xfe\xff" + data
    file = open_bytes(data)
    assert file.sample() == ["a;ü", "", "last"]
    assert list(file.lines()) == [(1, "a;ü"), (2, ""), (3, "last")]
    assert file.whole(100) == "a;ü\r\n\nlast".encode()
    with pytest.raises(WrongUse, match="larger than 3 bytes"):
        file.whole(3)
    assert file.odd == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_long_lines_are_no_text(encoding: str) -> None:
    file = open_bytes(("x" * (3 * MOST_LINE) + "\nshort\n").encode(encoding))
    assert list(file.lines()) == [(1, None), (2, "short")]


def test_files_are_capped_and_must_be_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"1\n2\n3\n")
    source = open_source(path)
    assert source.name == "file"
    assert abs(source.modified.timestamp() - path.stat().st_mtime) < 0.001
    source.close()
    monkeypatch.setattr(source_files, "MOST_LINES", 2)
    with pytest.raises(WrongUse, match="more than 2 lines"):
        list(open_bytes(b"1\n2\n3\n").lines())
    monkeypatch.setattr(source_files, "MOST_BYTES", 4)
    with pytest.raises(WrongUse, match="split it"):
        open_source(path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WrongUse, match="is no plain file"):
        open_source(tmp_path / "pipe")
