import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.collect.memory_pages import CHUNK, PAGE
from codered.collect.process_identity import read_stat
from codered.collect.process_memory import ProcessMemory, ProgramChanged
from codered.detect import memory as judging
from codered.engine import RuleSource, compile_sources
from codered.model.process import ProcessId
from codered.scan import memory_scan
from codered.scan.memory_scan import MemoryLook, MemoryScanner
from tests.fixtures.memory_children import MARK, TWIN, child, memory_rules, write_proc

WHO = ProcessId(4242, 77)
PRESENT, SWAPPED = 0x80, 0x40
RULES = memory_rules()
PRIVATE = "area = mmap.mmap(-1, {size}, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
FILLED = PRIVATE + "for at in range(0, len(area), 4096): area[at] = 1\n"
PLACES = {
    "private": PRIVATE.format(size=40960) + "at = 5000",
    "shared": "area = mmap.mmap(-1, 40960)\nat = 5000",
    "run": "area = mmap.mmap(-1, 40960, prot=7)\nat = 5000",
    "hidden": PRIVATE.format(size=40960) + "at = 5000\n"
    "def hide(): assert not ctypes.CDLL(None).mprotect(ctypes.c_void_p(address(area)), 40960, 0)",
    "heap": "area = bytearray(90000)\nat = 5000",
    "memfd": "file = os.memfd_create('x\\n\\x1b[31m')\nos.ftruncate(file, 40960)\n"
    "area = mmap.mmap(file, 40960)\nat = 5000",
    "written page of a private file": "file = os.open(sys.argv[3], os.O_RDWR)\n"
    "area = mmap.mmap(file, 40960, flags=mmap.MAP_PRIVATE)\nat = 5000",
    "deleted file": "file = os.open(sys.argv[3], os.O_RDWR)\narea = mmap.mmap(file, 40960)\n"
    "os.unlink(sys.argv[3])\nat = 5000",
    "over the border of two chunks": FILLED.format(size=3 * CHUNK) + f"at = {CHUNK - 9}",
    "over the end of a shared part": FILLED.format(size=3 * CHUNK) + f"at = {CHUNK + 4090}",
    "at the very end": PRIVATE.format(size=40960) + f"at = 40960 - {len(MARK)}",
}
HIDE = "\nwhere = address(area) + at\nplace(area, at)\nif 'hide' in globals(): hide()\n"


def scan(process: ProcessId, dump: Path | None = None) -> MemoryLook:
    return MemoryScanner(RULES).scan(process, "some name", dump)


def addresses(look: MemoryLook, indicator: str = "mark") -> list[str]:
    """Where the evidence of an indicator lies."""
    found = [finding for finding in look.findings if finding.indicator == indicator]
    return [item.what.split(" at ")[1].split(",")[0] for finding in found for item in finding.evidence]


@pytest.mark.parametrize("place", PLACES)
def test_a_mark_is_found_wherever_it_lies(place: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(40960))
    with child(PLACES[place] + HIDE, str(file)) as (process, where):
        look = scan(process)
    assert f"{where:#x}" in addresses(look)
    assert (look.troubles, look.gone) == ([], False)


def test_a_program_run_from_a_memfd_is_seen() -> None:
    """A shell with the mark in place of a text that it only shows when asked for help."""
    content = bytearray(Path("/bin/bash").read_bytes())
    at = content.index(b"General help using GNU software")
    content[at : at + len(MARK)] = MARK
    file = os.memfd_create("x", 0)
    try:
        os.write(file, content)
        with subprocess.Popen(
            [f"/proc/self/fd/{file}", "-c", "echo; read x"], stdin=-1, stdout=-1, pass_fds=[file]
        ) as run:
            try:
                assert run.stdout
                assert run.stdout.readline() == b"\n"
                look = scan(ProcessId(run.pid, read_stat(f"/proc/{run.pid}").start))
            finally:
                run.kill()
    finally:
        os.close(file)
    assert [finding.indicator for finding in look.findings] == ["mark"]
    assert any("/memfd:x (deleted)" in item.what for item in look.findings[0].evidence)


def test_a_finding_says_whose_memory_it_is_and_where() -> None:
    with child(PLACES["private"] + HIDE) as (process, where):
        look = scan(process)
    (finding,) = look.findings
    subject = finding.subject
    assert (subject.kind, subject.pid, subject.start, subject.key) == (
        "memory",
        process.pid,
        process.start,
        "some name",
    )
    assert (finding.pack, finding.indicator, finding.layer, finding.attack) == ("inert", "mark", "memory", ("T1055",))
    assert finding.first_seen
    assert abs(datetime.now(UTC) - finding.first_seen) < timedelta(minutes=2)
    proof = next(item for item in finding.evidence if f"{where:#x}" in item.what)
    assert "bytes into the region" in proof.what
    assert " rw-p (anonymous)" in proof.what
    assert proof.data == bytes(8) + MARK + bytes(64)
    assert proof.offset is not None
    assert subject.address == finding.evidence[0].what.split(" at ")[1].split(",")[0]
    assert look.bytes > 40960
    assert look.regions > 5


def test_a_hostile_name_of_a_region_stays_one_line() -> None:
    with child(PLACES["memfd"] + HIDE) as (process, where):
        look = scan(process)
    (proof,) = [item for item in look.findings[0].evidence if f"{where:#x}" in item.what]
    assert "/memfd:x\\012\x1b[31m (deleted)" in proof.what
    assert "\n" not in proof.what


@pytest.mark.parametrize("distance", [5 << 20, CHUNK - 200])
@pytest.mark.parametrize("start", [100, CHUNK - 300, CHUNK + 5000])
@pytest.mark.parametrize("order", ["", "twin"])
def test_a_rule_with_two_strings_far_apart(distance: int, start: int, order: str) -> None:
    code = FILLED.format(size=3 * CHUNK) + f"place(area, {start}, {order!r})\n"
    other = "" if order else "twin"
    code += f"where = address(area)\nplace(area, {start + distance}, {other!r})\n"
    with child(code) as (process, _):
        look = scan(process)
    assert [finding.indicator for finding in look.findings if finding.indicator == "pair"] == ["pair"]


def test_untouched_memory_between_two_strings_does_not_count() -> None:
    code = PRIVATE.format(size=100 << 20) + "where = address(area)\nplace(area, 100)\nplace(area, 90 << 20, 'twin')\n"
    with child(code) as (process, where):
        look = scan(process)
    assert f"{where + 100:#x}" in addresses(look, "pair")
    assert f"{where + (90 << 20):#x}" in addresses(look, "pair")
    assert look.bytes < 50 << 20


def test_a_sign_is_never_made_of_two_pages_that_do_not_touch(tmp_path: Path) -> None:
    half = len(MARK) // 2
    memory = {0x1000: bytes(PAGE - half) + MARK[:half], 0x5000: MARK[half:]}
    proc = write_proc(tmp_path, WHO, b"1000-9000 rw-p 0 0:0 0\n", {0x1000: PRESENT, 0x5000: PRESENT}, memory)
    assert MemoryScanner(RULES, proc=str(proc)).scan(WHO, "x").findings == []


def test_a_process_without_marks_has_no_finding() -> None:
    with child("area = bytearray(9000000)\nwhere = 1\n") as (process, _):
        look = scan(process)
    assert (look.findings, look.troubles, look.gone, look.skipped_because) == ([], [], False, "")


def test_a_process_full_of_marks_gives_one_finding_with_some_places() -> None:
    code = PRIVATE.format(size=20 << 20) + "where = 1\nplace(area, 0)\nblock = area[:64]\n"
    code += "for at in range(64, len(area), 64): area[at : at + 64] = block\n"
    with child(code) as (process, _):
        look = scan(process)
    assert [finding.indicator for finding in look.findings] == ["mark"]
    assert len(look.findings[0].evidence) == 8


def test_hits_are_merged_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_scan, "MOST_HITS", 1)
    with child(FILLED.format(size=3 * CHUNK) + "where = 1\nplace(area, 0)\nplace(area, len(area) - 99)\n") as (
        process,
        _,
    ):
        look = scan(process)
    assert [finding.indicator for finding in look.findings] == ["mark"]
    assert len(look.findings[0].evidence) >= 2


def test_we_ourselves_and_who_holds_the_rules_are_left_out() -> None:
    me = ProcessId(os.getpid(), read_stat("/proc/self").start)
    assert "the scan itself" in scan(me).skipped_because
    with child(PLACES["private"] + HIDE) as (process, _):
        look = MemoryScanner(RULES, frozenset((process,))).scan(process, "x")
    assert (look.findings, "the scan itself" in look.skipped_because) == ([], True)


def test_without_rules_for_memory_nothing_is_read() -> None:
    with child("where = 1\n") as (process, _):
        look = MemoryScanner(replace(RULES, memory=b"")).scan(process, "x")
    assert (look.bytes, look.skipped_because) == (0, "no pack has signs for memory")


def test_a_process_that_is_gone_is_told_and_never_raised() -> None:
    with child("where = 1\n") as (process, _):
        assert scan(ProcessId(process.pid, process.start + 1)).gone
    look = scan(process)
    assert (look.gone, look.findings, look.troubles) == (True, [], [])


@pytest.mark.parametrize("times", [1, 2])
def test_a_process_that_starts_another_program_is_read_once_more(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    left = [True] * times
    finish = ProcessMemory.finish

    def change(memory: ProcessMemory) -> None:
        if left:
            left.pop()
            raise ProgramChanged
        finish(memory)

    monkeypatch.setattr(ProcessMemory, "finish", change)
    with child("where = 1\n") as (process, _):
        look = scan(process)
    assert left == []
    assert look.troubles == ["it started another program while it was read"][: times - 1]


def test_what_was_found_before_the_process_went_away_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proc = write_proc(tmp_path, WHO, b"1000-2000 rwxp 0 0:0 0\n4000-5000 rw-p 0 0:0 0\n",
                      {0x1000: PRESENT, 0x4000: PRESENT}, {0x1000: MARK + bytes(PAGE)})  # fmt: skip
    scanner = MemoryScanner(RULES, proc=str(proc))
    has_signs = judging.MemoryJudge.has_signs

    def end_then_judge(judge: judging.MemoryJudge, data: bytes) -> bool:
        (tmp_path / "4242" / "stat").write_bytes(b"")
        return has_signs(judge, data)

    monkeypatch.setattr(judging.MemoryJudge, "has_signs", end_then_judge)
    os.truncate(tmp_path / "4242" / "mem", 0x2000)
    look = scanner.scan(WHO, "x")
    assert (look.gone, [finding.indicator for finding in look.findings]) == (True, ["mark"])


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    pages = {0x1000: PRESENT, 0x2000: SWAPPED, 0x3000: PRESENT}
    maps = b"1000-4000 rw-p 0 0:0 0\n8000-9000 rw-s 0 0:6 5 /dev/dri/card0\n"
    proc = write_proc(tmp_path, WHO, maps, pages, {0x1000: b"x" * PAGE})
    look = MemoryScanner(RULES, proc=str(proc)).scan(WHO, "x")
    assert (look.swapped, look.skipped) == (1, {"pages of a device": (1, 4096)})
    assert look.troubles == ["1 pages could not be read"]
    (tmp_path / "4242" / "mem").unlink()
    (tmp_path / "4242" / "mem").symlink_to("mem")
    look = MemoryScanner(RULES, proc=str(proc)).scan(WHO, "x")
    assert "can't be read" in look.troubles[0]


def test_time_that_is_up_is_told() -> None:
    with child(PLACES["private"] + HIDE) as (process, _):
        look = MemoryScanner(RULES).scan(process, "x", seconds=0)
    assert look.troubles == ["the time was up before all of it was read"]


def test_what_the_engine_gives_up_on_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(judging, "SECONDS_PER_PIECE", 1)
    slow = """rule mark { strings: $anchor = "INERT" condition: any of ($anchor*) and
        for all i in (0..100000000) : (for all j in (0..100000000) : (i + j >= 0)) }"""
    rules = replace(RULES, memory=compile_sources([RuleSource("inert", slow, "slow.yar")]))
    proc = write_proc(
        tmp_path, WHO, b"1000-2000 rw-p 0 0:0 0\n", {0x1000: PRESENT}, {0x1000: MARK + TWIN + bytes(PAGE)}
    )
    look = MemoryScanner(rules, proc=str(proc)).scan(WHO, "x")
    assert (look.findings, look.troubles) == ([], ["gave up on 1 pieces: time limit reached"])


def test_regions_with_a_finding_are_copied_when_asked(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with child(PLACES["private"] + HIDE) as (process, _):
        look = scan(process, tmp_path)
        again = scan(process, tmp_path)
    assert len(look.dumped) >= 2
    assert any(MARK in Path(name).read_bytes() for name in look.dumped)
    assert again.dumped == []
    assert "File exists" in again.troubles[0]
    assert [finding.indicator for finding in again.findings] == ["mark"]
