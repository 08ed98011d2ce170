import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from codered.collect.memory_pages import CHUNK, OVERLAP, PAGE, Chunk
from codered.collect.process_identity import read_stat
from codered.collect.process_memory import MemoryPiece, ProgramChanged, open_memory
from codered.model.process import MemoryRegion, ProcessId
from tests.fixtures.memory_children import child, write_proc
from tests.fixtures.unprivileged import run_as_nobody

WHO = ProcessId(4242, 77)
PRESENT, SWAPPED = 0x80, 0x40
AREA = "area = mmap.mmap(-1, {size}, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\nwhere = address(area)\n"


def read_all(process: ProcessId, proc: str = "/proc", seconds: float = 30) -> tuple[list[MemoryPiece], list[str]]:
    with open_memory(process, seconds, proc) as memory:
        pieces = [memory.read(chunk) for chunk in memory.chunks()]
        return pieces, memory.summary.troubles


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1])


def test_what_a_child_holds_is_read_and_the_child_does_not_grow() -> None:
    code = AREA.format(size=64 << 20) + "place(area, 20 << 20)\nplace(area, len(area) - 5000)\n"
    with child(code) as (process, where):
        before = resident(process.pid)
        with open_memory(process) as memory:
            pieces = [memory.read(chunk) for chunk in memory.chunks()]
            assert memory.region_at(where).permissions == "rw-p"
            with pytest.raises(LookupError):
                memory.region_at(1)
        assert resident(process.pid) < before + (1 << 20) // PAGE  # the system counts in batches
    placed = {where + (20 << 20), where + (64 << 20) - 5000}
    found = set()
    for piece in pieces:
        at = piece.data.find(b"INERT-MARK")
        while at >= 0:
            found.add(piece.address_of(at))
            at = piece.data.find(b"INERT-MARK", at + 1)
    assert placed <= found
    assert memory.summary.bytes < 32 << 20
    assert memory.summary.regions > 5
    assert memory.summary.unreadable == 0


def test_a_process_that_is_gone_or_another_is_never_read() -> None:
    with child("where = 1\n") as (process, _):
        younger = ProcessId(process.pid, process.start + 1)
        with pytest.raises(ProcessLookupError), open_memory(younger):
            pass
    with pytest.raises(ProcessLookupError), open_memory(process):
        pass


def test_a_process_that_ends_while_it_is_read() -> None:
    with child(AREA.format(size=1 << 20) + "place(area, 0)\n") as (process, _), open_memory(process) as memory:
        chunks = memory.chunks()
        first = next(chunks)
        assert memory.read(first).data
        os.kill(process.pid, 9)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        for _ in range(2):  # first it is a zombie, then nothing
            with pytest.raises(ProcessLookupError):
                memory.read(first)
            with pytest.raises(ProcessLookupError), open_memory(process):
                pass
            with suppress(ChildProcessError):
                os.waitpid(process.pid, 0)


def test_a_process_whose_first_thread_has_ended_is_still_read() -> None:
    code = (
        AREA.format(size=1 << 20)
        + """place(area, 5000)
import threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
print(hex(where), flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""
    )
    with child(code) as (process, where):
        for _ in range(100):
            if b") Z " in Path(f"/proc/{process.pid}/stat").read_bytes():
                break
            time.sleep(0.02)
        assert b") Z " in Path(f"/proc/{process.pid}/stat").read_bytes()
        pieces, troubles = read_all(process)
    found = {piece.address_of(piece.data.find(b"INERT-MARK")) for piece in pieces if b"INERT-MARK" in piece.data}
    assert where + 5000 in found
    assert troubles == []


def test_a_process_that_starts_another_program_meanwhile() -> None:
    code = "import os, sys; print(); sys.stdin.readline(); os.execv('/bin/bash', ['x', '-c', 'echo; read x'])"
    with subprocess.Popen([sys.executable, "-Suc", code], stdin=-1, stdout=-1, bufsize=0) as run:
        try:
            assert run.stdin
            assert run.stdout
            assert run.stdout.read(1) == b"\n"
            process = ProcessId(run.pid, read_stat(f"/proc/{run.pid}").start)
            with open_memory(process) as memory:
                memory.finish()
                run.stdin.write(b"\n")
                assert run.stdout.read(1) == b"\n"
                with pytest.raises(ProgramChanged):
                    memory.finish()
            with open_memory(process) as memory:
                assert list(memory.chunks())
                memory.finish()
        finally:
            run.kill()


def test_pages_that_were_given_back_meanwhile_are_nothing_missed(tmp_path: Path) -> None:
    pages = {0x1000: PRESENT, 0x2000: PRESENT}
    proc = write_proc(tmp_path, WHO, b"1000-3000 rw-p 0 0:0 0\n", pages, {0x1000: b"a" * 2 * PAGE})
    with open_memory(WHO, proc=str(proc)) as opened:
        (chunk,) = opened.chunks()
        os.truncate(tmp_path / "4242" / "mem", 0x1000)
        with (tmp_path / "4242" / "pagemap").open("r+b") as file:
            file.write(bytes(16))  # of page 0 and page 1
        opened.read(chunk)
    assert opened.summary.unreadable == 1


def test_the_memory_of_others_is_refused_by_the_system() -> None:
    pid, start = os.getpid(), read_stat("/proc/self").start

    def attempt() -> str:
        try:
            with open_memory(ProcessId(pid, start)):
                return "read"
        except PermissionError:
            return "refused"

    assert run_as_nobody(attempt) == "refused"


def test_swapped_pages_are_counted_and_left_alone(tmp_path: Path) -> None:
    pages = {0x1000: PRESENT, 0x2000: SWAPPED, 0x3000: SWAPPED, 0x4000: PRESENT}
    memory = {0x1000: b"a" * PAGE, 0x2000: b"b" * 2 * PAGE, 0x4000: b"c" * PAGE}
    proc = write_proc(tmp_path, WHO, b"1000-5000 rw-p 0 0:0 0\n", pages, memory)
    with open_memory(WHO, proc=str(proc)) as opened:
        (piece,) = [opened.read(chunk) for chunk in opened.chunks()]
    assert set(piece.data) == set(b"a\0c")
    assert opened.summary.swapped == 2
    assert [piece.address_of(0), piece.address_of(PAGE - 1), piece.address_of(PAGE + 64)] == [0x1000, 0x1FFF, 0x4000]
    with pytest.raises(IndexError):
        piece.address_of(1 << 20)


def test_pages_that_cannot_be_read_are_nuls_and_are_counted(tmp_path: Path) -> None:
    pages = dict.fromkeys(range(0x1000, 0x5000, PAGE), PRESENT)
    proc = write_proc(tmp_path, WHO, b"1000-5000 rw-p 0 0:0 0\n", pages, {0x1000: b"a" * (PAGE + 5)})
    with open_memory(WHO, proc=str(proc)) as opened:
        (piece,) = [opened.read(chunk) for chunk in opened.chunks()]
    assert piece.data == b"a" * (PAGE + 5) + bytes(3 * PAGE - 5)
    assert opened.summary.unreadable == 3


def test_a_hundred_thousand_regions(tmp_path: Path) -> None:
    kinds = (b"rw-p", b"r-xp", b"---p")
    lines = [b"%x-%x %s 0 0:0 0\n" % (n * 8192, n * 8192 + 4096, kinds[n % 3]) for n in range(1, 100_010)]
    pages = {n * 8192: PRESENT for n in range(1, 100_010)}
    proc = write_proc(tmp_path, WHO, b"".join(lines), pages, {5 * 8192: b"MARK"})
    with open_memory(WHO, seconds=60, proc=str(proc)) as opened:
        found = [chunk for chunk in opened.chunks() if b"MARK" in opened.read(chunk).data]
    assert [chunk.extents[0][0] for chunk in found] == [5 * 8192]
    assert opened.summary.regions == 100_000
    assert "more than 100000 regions: the rest was not read" in opened.summary.troubles


def test_when_the_time_is_up_that_is_told(tmp_path: Path) -> None:
    proc = write_proc(tmp_path, WHO, b"1000-2000 rw-p 0 0:0 0\n", {0x1000: PRESENT}, {0x1000: b"x" * PAGE})
    pieces, troubles = read_all(WHO, str(proc), seconds=0)
    assert (pieces, troubles) == ([], ["the time was up before all of it was read"])


def test_more_time_can_be_granted_for_one_region(tmp_path: Path) -> None:
    pages = {0x1000: PRESENT, 0x4000: PRESENT}
    memory = {0x1000: b"x" * PAGE, 0x4000: b"y" * PAGE}
    maps = b"1000-2000 rw-p 0 0:0 0\n4000-5000 rw-p 0 0:0 0\n"
    proc = write_proc(tmp_path, WHO, maps, pages, memory)
    region = MemoryRegion(start=0x4000, end=0x5000, permissions="rw-p")
    with open_memory(WHO, seconds=0, proc=str(proc)) as opened:
        assert list(opened.chunks_of(region)) == []
        opened.grant(30)
        assert [opened.read(chunk).data for chunk in opened.chunks_of(region)] == [b"y" * PAGE]


def test_a_chunk_is_read_in_one_piece_with_what_it_shares() -> None:
    code = AREA.format(size=3 * CHUNK) + "for at in range(0, len(area), 4096): area[at] = 1\n"
    with child(code) as (process, where), open_memory(process) as memory:
        wanted = Chunk(0, memory._memory, 0, ((where, CHUNK + OVERLAP),))
        after = Chunk(0, memory._memory, 0, ((where + CHUNK, CHUNK),))
        assert len(memory.read(wanted).data) == CHUNK + OVERLAP
        joined = memory.read(wanted.join(after))
        assert len(joined.data) == 2 * CHUNK
        assert joined.address_of(2 * CHUNK - 1) == where + 2 * CHUNK - 1


def test_of_a_program_that_is_gone_the_whole_file_is_read(tmp_path: Path) -> None:
    program = tmp_path / "program"
    shutil.copy("/bin/bash", program)
    content = program.read_bytes()
    with subprocess.Popen([program, "-c", "echo; read x"], stdin=-1, stdout=-1) as run:
        try:
            assert run.stdout
            assert run.stdout.readline() == b"\n"
            process = ProcessId(run.pid, read_stat(f"/proc/{run.pid}").start)
            before = resident(process.pid)
            present = b"".join(piece.data for piece in read_all(process)[0])
            program.unlink()
            pieces, troubles = read_all(process)
            assert resident(process.pid) < before + (1 << 20) // PAGE
        finally:
            run.kill()
    whole = b"".join(piece.data for piece in pieces)
    middle = [content[at : at + PAGE] for at in range(40 * PAGE, len(content) * 3 // 4, PAGE)]
    assert len(middle) > 100
    assert not any(page in present for page in middle[:20])
    assert all(page in whole for page in middle)
    assert troubles == []
