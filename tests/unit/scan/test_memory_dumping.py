import hashlib
import json
import os
import stat
from pathlib import Path

import pytest

from codered.collect.memory_pages import PAGE
from codered.collect.process_memory import open_memory
from codered.model.process import MemoryRegion, ProcessId
from codered.scan import memory_dumping
from codered.scan.memory_dumping import DumpRefused, dump_regions
from tests.fixtures.memory_children import child, write_proc

WHO = ProcessId(4242, 77)
PRESENT = 0x80
REGION = MemoryRegion(start=0x1000, end=0x9000, permissions="rw-p", what="x\\012\x1b[2J")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of our own that nobody else may write to."""
    place = tmp_path / "copies"
    place.mkdir(mode=0o700)
    return place


@pytest.fixture
def proc(tmp_path: Path) -> str:
    """A process with two pages present, with a hole between them."""
    memory = {0x1000: b"a" * PAGE, 0x3000: b"c" * PAGE}
    pages = {0x1000: PRESENT, 0x3000: PRESENT}
    return str(write_proc(tmp_path / "proc", WHO, b"1000-9000 rw-p 0 0:0 0\n", pages, memory))


def dump(folder: Path, proc: str) -> list[str]:
    written: list[str] = []
    with open_memory(WHO, proc=proc) as memory:
        dump_regions(folder, WHO, memory, [REGION], written)
    return written


def test_a_copy_holds_the_pages_and_says_where_they_were(folder: Path, proc: str) -> None:
    names = dump(folder, proc)
    assert names == [str(folder / "4242-77-1000.bin"), str(folder / "4242-77-1000.json")]
    data = Path(names[0]).read_bytes()
    assert data == b"a" * PAGE + b"c" * PAGE
    about = json.loads(Path(names[1]).read_bytes())
    assert about["runs"] == [
        {"offset": 0, "address": "0x1000", "length": PAGE},
        {"offset": PAGE, "address": "0x3000", "length": PAGE},
    ]
    assert (about["sha256"], about["size"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (about["pid"], about["start"], about["cut"]) == (4242, 77, False)
    assert about["region"] == {"start": 0x1000, "end": 0x9000, "permissions": "rw-p", "what": REGION.what}
    assert b"\x1b" not in Path(names[1]).read_bytes()
    assert {stat.S_IMODE(os.stat(name).st_mode) for name in names} == {0o600}


def test_a_large_region_is_copied_once_each_byte(folder: Path) -> None:
    code = """area = mmap.mmap(-1, 20 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for at in range(0, len(area), 4096):
    area[at : at + 8] = (at // 4096).to_bytes(8, "big")
where = address(area)
"""
    written: list[str] = []
    with child(code) as (process, where), open_memory(process) as memory:
        region = memory.region_at(where)
        dump_regions(folder, process, memory, [region], written)
    data = Path(written[0]).read_bytes()
    runs = json.loads(Path(written[1]).read_bytes())["runs"]
    assert len(runs) > 1
    offset = next(run["offset"] - int(run["address"], 16) for run in runs) + where
    assert [data[offset + at : offset + at + 8] for at in range(0, 20 << 20, PAGE)] == [
        number.to_bytes(8, "big") for number in range((20 << 20) // PAGE)
    ]


def test_a_region_too_large_is_cut_and_says_so(folder: Path, proc: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_dumping, "MOST_REGION", PAGE + 5)
    names = dump(folder, proc)
    about = json.loads(Path(names[1]).read_bytes())
    assert (about["cut"], about["size"], Path(names[0]).stat().st_size) == (True, PAGE + 5, PAGE + 5)


def test_nothing_is_overwritten(folder: Path, proc: str) -> None:
    first = Path(dump(folder, proc)[0])
    first.write_bytes(b"kept")
    with pytest.raises(DumpRefused, match="File exists"):
        dump(folder, proc)
    assert first.read_bytes() == b"kept"


@pytest.mark.parametrize("name", ["4242-77-1000.bin", "4242-77-1000.json"])
def test_no_link_is_followed(folder: Path, proc: str, tmp_path: Path, name: str) -> None:
    (folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DumpRefused, match=name):
        dump(folder, proc)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_a_link_or_is_not_there_or_is_open_to_all_is_refused(folder: Path, proc: str) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    for place in (link, folder / "missing"):
        with pytest.raises(DumpRefused, match="no copy of its memory"):
            dump(place, proc)
    folder.chmod(0o777)
    with pytest.raises(DumpRefused, match="others may write"):
        dump(folder, proc)
    assert list(folder.iterdir()) == []


def test_of_a_process_that_ends_no_half_copy_stays(folder: Path, proc: str) -> None:
    written: list[str] = []
    with open_memory(WHO, proc=proc) as memory:
        os.truncate(f"{proc}/4242/mem", 0)
        Path(proc, "4242", "stat").write_bytes(b"")
        with pytest.raises(ProcessLookupError):
            dump_regions(folder, WHO, memory, [REGION], written)
    assert (written, list(folder.iterdir())) == ([], [])
