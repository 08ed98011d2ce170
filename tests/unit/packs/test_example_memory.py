from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered.packs.example_memory import MOST_PIECE_BYTES, MemoryPart, _own_bytes, read_memory

EXAMPLE = """about: two regions
process: inetinfo.exe
regions:
  - address: '0x1f000'
    parts:
      - {text: marker, nuls: 2}
      - {hex: 00ff, nuls: 0}
      - text: end
  - address: '0xffffffff00000000'
    parts: []
"""


def write(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in EXAMPLE
    path = folder / "x.memory.yaml"
    path.write_text(EXAMPLE.replace(old, new, 1) if old else EXAMPLE)
    return path


def test_regions_are_their_parts_and_nuls(tmp_path: Path) -> None:
    process, (first, second) = read_memory(write(tmp_path))
    assert process == "inetinfo.exe"
    assert (first.address, first.data) == (0x1F000, b"marker\0\0\x00\xffend\0")
    assert (second.address, second.data) == (0xFFFFFFFF00000000, b"")


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("'0x1f000'", "'1f000'", 4, "no address"),
        ("'0x1f000'", "'0x1F000'", 4, "no address"),
        ("'0x1f000'", "'0x11111111111111111'", 4, "no address"),
        ("text: marker, nuls: 2", "nuls: 2", 6, "neither text nor hex, or both"),
        ("text: marker, nuls: 2", "text: marker, hex: ff", 6, "neither text nor hex, or both"),
        ("hex: 00ff", "hex: 0ff", 7, "not hexadecimal"),
        ("nuls: 2", "nuls: -1", 6, "can't be that long"),
        ("nuls: 2", f"nuls: {MOST_PIECE_BYTES}", 6, "can't be that long"),
        ("nuls: 0", "nulls: 0", 7, "unknown key `nulls`"),
        ("process: inetinfo.exe\n", "", 1, "lacks the key `process`"),
    ],
)
def test_a_mistake_names_its_line(tmp_path: Path, old: str, new: str, line: int, what: str) -> None:
    path = write(tmp_path, old, new)
    with pytest.raises(WrongUse) as caught:
        read_memory(path)
    assert caught.value.where == f"{path}:{line}"
    assert what in caught.value.what


def test_memory_without_regions(tmp_path: Path) -> None:
    path = tmp_path / "x.memory.yaml"
    path.write_text("about: none\nprocess: x\nregions: []\n")
    with pytest.raises(WrongUse, match="has 0 regions"):
        read_memory(path)


@given(st.text(alphabet="0123456789abcdefxyz ", max_size=20))
def test_hexadecimal_is_bytes_or_refused(text: str) -> None:
    part = MemoryPart(hex=text)
    try:
        wanted = bytes.fromhex(text)
    except ValueError:
        with pytest.raises(WrongUse, match="not hexadecimal"):
            _own_bytes(part, "x")
    else:
        assert _own_bytes(part, "x") == wanted
