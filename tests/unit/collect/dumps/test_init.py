import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.dumps import DumpFile, Segment, read_layout
from codered.model.errors import WrongUse
from tests.fixtures.dump_files import (
    PAGE,
    Memory,
    make_bitmap_dump,
    make_crash_dump,
    make_elf,
    make_lime,
    opened,
)

PIECES = (Memory(0x1000, b"a" * PAGE), Memory(0x9000, b"b" * PAGE))
DUMPS = {
    "ELF core, 64 bit, little endian": make_elf(*PIECES),
    "ELF core, 32 bit, big endian": make_elf(*PIECES, bits=32, order=">"),
    "LiME": make_lime(*PIECES),
    "Windows crash dump, 64 bit, complete": make_crash_dump(*PIECES),
    "Windows crash dump, 32 bit, complete": make_crash_dump(*PIECES, bits=32),
    "Windows crash dump, 64 bit, bitmap": make_bitmap_dump(*PIECES),
    "raw image": b"\x53\xff\x00\xf0" * 5000,
}


@pytest.mark.parametrize("name", DUMPS)
def test_the_format_is_told_by_the_content(name: str, tmp_path: Path) -> None:
    with opened(tmp_path, DUMPS[name]) as file:
        layout = read_layout(file)
        assert layout.format == name
        assert any(isinstance(part, Segment) and part.number for part in layout.parts)


def test_a_format_that_is_only_named_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path, b"AVML" + bytes(60)) as file, pytest.raises(WrongUse, match="avml-convert"):
        read_layout(file)


@given(st.sampled_from(sorted(DUMPS)), st.data())
def test_headers_that_lie_never_lead_out_of_the_file(name: str, data: st.DataObject) -> None:
    dump = bytearray(DUMPS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, 0x2100))
        what = data.draw(st.binary(min_size=1, max_size=9) | st.just(b"\xff" * 8))
        dump[at : at + len(what)] = what
    del dump[data.draw(st.integers(8, len(dump))) :]
    with tempfile.TemporaryFile() as file:
        file.write(dump)
        file.flush()
        taken = 0
        try:
            for part in read_layout(DumpFile(file.fileno(), len(dump), b"/dump")).parts:
                if isinstance(part, Segment):
                    assert 0 <= part.offset < part.offset + part.size <= len(dump)
                    assert part.address + part.size <= 2**64
                    taken += part.size
        except WrongUse:
            pass
        assert taken <= len(dump) == os.fstat(file.fileno()).st_size
