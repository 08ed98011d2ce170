import ctypes
import mmap
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect import memory_map
from codered.collect.memory_map import DEVICE_PAGES, FILE_PAGES, KERNEL_PAGES, MemoryMap, parse_line, read_map
from codered.model.process import MemoryRegion

NOWHERE = "/proc/0"  # a process of which only the lines of maps are known


def read(*lines: str, folder: str = NOWHERE) -> MemoryMap:
    return read_map(folder, [line.encode(errors="surrogateescape") + b"\n" for line in lines])


def read_own() -> MemoryMap:
    with open("/proc/self/maps", "rb") as file:
        return read_map("/proc/self", list(file))


def test_a_line_is_taken_apart() -> None:
    mapped = parse_line(b"7f00-8f00 rw-p 00001000 fe:00 329635                     /a b/c\\012d (deleted)\n")
    assert mapped
    assert mapped.region == MemoryRegion(start=0x7F00, end=0x8F00, permissions="rw-p", what="/a b/c\\012d (deleted)")
    assert (mapped.device, mapped.inode, mapped.offset) == (b"fe:00", 329635, 0x1000)


def test_a_name_that_is_no_text_loses_nothing_and_a_long_one_its_end() -> None:
    mapped = parse_line(b"1000-2000 r--p 0 0:0 5 /\xff\x1b[31m" + b"x" * 9000)
    assert mapped
    assert mapped.region.what.startswith("/\\xff\x1b[31mxx")
    assert len(mapped.region.what) < 300
    assert len(mapped.name) > 9000


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"x", b"1000 rw-p 0 0:0 0", b"2000-1000 rw-p 0 0:0 0", b"1000-1000 rw-p 0 0:0 0",
     b"1000-2000 rw 0 0:0 0", b"1000-2000 rw-p z 0:0 0", b"1000-2000 rw-p 0 0:0 -1",
     b"0-1ffffffffffffffff rw-p 0 0:0 0", b"1000-2000 rw-p ffffffffffffffff 0:0 0"],
)  # fmt: skip
def test_what_is_no_line_of_a_map_is_none(line: bytes) -> None:
    assert parse_line(line) is None


@given(st.binary(max_size=80) | st.text("0123456789abcdef-rwxp :/[]\\ \n", max_size=80).map(str.encode))
def test_no_line_breaks_it(line: bytes) -> None:
    mapped = parse_line(line)
    assert mapped is None or mapped.region.start < mapped.region.end
    read_map(NOWHERE, [line, line])


def test_what_is_run_or_written_without_a_file_comes_first() -> None:
    found = read(
        "1000-2000 r--p 0 00:00 0",
        "3000-4000 rw-p 0 00:00 0",
        "5000-6000 rwxp 0 00:00 0",
        "7000-8000 rw-s 0 00:01 9 /dev/zero (deleted)",
        "9000-a000 rw-p 0 fe:00 7 /tmp/gone (deleted)",
        "b000-c000 rw-p 0 fe:00 8 /unseen/sh",
        "d000-e000 rw-p 0 00:00 0 [heap]",
    )
    assert [stretch.start for stretch in found.stretches] == [0x5000, 0x3000, 0xD000, 0x7000, 0x9000, 0xB000, 0x1000]
    assert [stretch.start for stretch in found.stretches if stretch.written] == [0xB000]
    assert len(found.regions) == 7


def test_neighbours_that_are_read_alike_are_one_stretch() -> None:
    found = read("1000-2000 ---p 0 0:0 0", "2000-3000 rw-p 0 0:0 0", "3000-4000 rw-p 0 fe:00 7 /unseen/passwd")
    assert [(stretch.start, stretch.end) for stretch in found.stretches] == [(0x1000, 0x3000), (0x3000, 0x4000)]


def test_what_only_looks_like_a_device_or_a_file_is_read() -> None:
    shared = (
        "1000-2000 rw-s 0 00:01 1 /dev/zero (deleted)",
        "3000-4000 rw-s 0 00:01 2 /dev/shm/x",
        "5000-6000 rw-s 0 00:01 3 /memfd:\x1b[2J (deleted)",
        "7000-8000 rw-s 0 00:01 4 /SYSV00000000 (deleted)",
        "9000-a000 rw-s 0 00:01 5 [anon_shmem:[vvar]]",
        "b000-c000 rw-p 0 00:00 0 [anon:[vvar]]",
        "d000-e000 rw-s 0 fe:00 6 /tmp/gone (deleted)",
    )
    found = read(*shared)
    assert (len(found.regions), found.skipped) == (7, {})
    assert not any(stretch.written for stretch in found.stretches)


def test_what_is_left_out_is_counted_by_reason() -> None:
    found = read(
        "1000-2000 rw-s 0 00:06 1 /dev/null",
        "2000-3000 rw-s 0 00:06 2 /dev/dri/card0",
        "3000-4000 rw-s 0 00:0e 3 anon_inode:[io_uring]",
        "4000-6000 r--s 0 fe:00 4 /unseen/hostname",
        "6000-7000 r--p 0 00:00 0 [vvar]",
        "ffffffffff600000-ffffffffff601000 --xp 0 00:00 0 [vsyscall]",
    )
    assert found.regions == []
    assert found.skipped == {DEVICE_PAGES: (3, 0x3000), FILE_PAGES: (1, 0x2000), KERNEL_PAGES: (2, 0x2000)}


def test_a_program_run_from_a_memfd_is_read_from_its_file_but_shared_code_is_not() -> None:
    found = read(
        "1000-2000 r--p 0 00:01 3 /memfd:a (deleted)",
        "2000-3000 r-xp 0 00:01 3 /memfd:a (deleted)",
        "4000-5000 r-xs 0 00:01 4 /memfd:doublemapper (deleted)",
    )
    assert [mapped.region.start for mapped in found.files] == [0x1000, 0x2000]


def test_a_large_reservation_waits() -> None:
    found = read(
        "1000-2000 rw-p 0 0:0 0",
        "2000-fff000000000 rwxp 0 00:00 0",
        "fff000000000-fff000001000 r--p 0 00:00 0",
    )
    assert [stretch.start for stretch in found.stretches] == [0x1000, 0xFFF000000000, 0x2000]


def test_lines_that_lie_are_told_and_no_address_is_read_twice() -> None:
    found = read("1000-3000 rw-p 0 0:0 0", "2000-4000 rw-p 0 0:0 0", "nonsense", "5000-6000 rw-p 0 0:0 0")
    assert [(region.start, region.end) for region in found.regions] == [(0x1000, 0x3000), (0x5000, 0x6000)]
    assert found.troubles == ["2 lines of its map can't be read"]


def test_more_regions_than_anyone_has_are_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_map, "MOST_REGIONS", 3)
    found = read(*(f"{n}000-{n}800 rw-p 0 0:0 0" for n in range(1, 9)))
    assert len(found.regions) == 3
    assert "more than 3 regions" in found.troubles[0]


def test_our_own_mappings_by_what_the_kernel_says(tmp_path: Path) -> None:
    there, gone, replaced = tmp_path / "there\n", tmp_path / "gone", tmp_path / "replaced (deleted)"
    for path in (there, gone, replaced):
        path.write_bytes(b"x" * 4096)
    areas = {}
    for path in (there, gone, replaced, Path("/dev/zero")):
        with path.open("r+b") as file:
            areas[path.name] = mmap.mmap(file.fileno(), 4096, flags=mmap.MAP_PRIVATE)
    areas["shared"] = mmap.mmap(-1, 4096)
    gone.unlink()
    replaced.unlink()
    replaced.write_bytes(b"y")
    found = read_own()
    where = {name: ctypes.addressof(ctypes.c_char.from_buffer(area)) for name, area in areas.items()}

    def is_written_only(name: str) -> bool:
        return next(s.written for s in found.stretches if s.start <= where[name] < s.end)

    assert {name: is_written_only(name) for name in areas} == {
        "there\n": True,
        "zero": True,
        "gone": False,
        "replaced (deleted)": False,
        "shared": False,
    }
    assert KERNEL_PAGES in found.skipped
    assert found.files == []
    assert found.troubles == []


def test_without_root_a_replaced_file_is_known_by_its_inode(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    inode = file.stat().st_ino
    found = read(f"1000-2000 r--p 0 fe:00 {inode} {file}", f"3000-4000 r--p 0 fe:00 {inode + 1} {file}")
    assert [stretch.written for stretch in found.stretches] == [False, True]
    missing = read(f"1000-2000 r--p 0 fe:00 {inode} {tmp_path}/unseen")
    assert [stretch.written for stretch in missing.stretches] == [True]


def test_a_program_that_only_its_own_mounts_show_is_read_like_one_that_is_gone(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    covered, program = tmp_path / "covered", tmp_path / "program"
    shutil.copy("/bin/true", covered)
    shutil.copy("/bin/bash", program)
    code = f"mount --bind {program} {covered} && exec {covered} -c 'echo; read x'"
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", code]
    with subprocess.Popen(words, stdin=-1, stdout=-1) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == b"\n"
            lines = Path(f"/proc/{process.pid}/maps").read_bytes().splitlines()
            found = read_map(f"/proc/{process.pid}", lines)
        finally:
            process.kill()
    mine = [line for line in lines if os.fsencode(covered) in line]
    assert len(mine) > 1
    assert len(found.files) == len(mine)
    first = int(mine[0].split(b"-")[0], 16)
    assert not next(stretch for stretch in found.stretches if stretch.start <= first < stretch.end).written


def test_of_a_program_that_is_gone_all_its_mappings_are_read_from_its_file(tmp_path: Path) -> None:
    program = tmp_path / "program"
    shutil.copy("/bin/bash", program)
    with subprocess.Popen([program, "-c", "echo; read x"], stdin=-1, stdout=-1) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == b"\n"
            wanted = os.fsencode(str(program))
            before = Path(f"/proc/{process.pid}/maps").read_bytes().splitlines()
            assert read_map(f"/proc/{process.pid}", before).files == []
            program.unlink()
            lines = Path(f"/proc/{process.pid}/maps").read_bytes().splitlines()
            found = read_map(f"/proc/{process.pid}", lines)
        finally:
            process.kill()
    mine = [line for line in lines if wanted in line]
    assert len(mine) > 1
    assert len(found.files) == len(mine)
