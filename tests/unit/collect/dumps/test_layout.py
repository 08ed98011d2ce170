import os
from pathlib import Path

from codered.collect.dumps.layout import MOST_HEADER, DumpFile
from tests.fixtures.dump_files import write


def test_no_read_goes_beyond_the_file_or_the_cap(tmp_path: Path) -> None:
    path = write(tmp_path, b"x" * (MOST_HEADER + 5000))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        file = DumpFile(descriptor, MOST_HEADER + 10, os.fsencode(path))
        assert len(file.read(0, 1 << 40)) == MOST_HEADER
        assert len(file.read(MOST_HEADER, 100)) == 10
        assert file.read(MOST_HEADER + 10, 1) == b""
        assert file.read(1 << 64, 1 << 64) == b""
    finally:
        os.close(descriptor)


def test_an_odd_name_is_shown_escaped() -> None:
    assert DumpFile(-1, 0, b"/a/\xff.raw").shown() == "/a/\\xff.raw"
