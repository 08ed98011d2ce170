"""Executables and open files of real children."""

import hashlib
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.process_files import (
    MOST_DELETED,
    View,
    find_deleted_code,
    find_own_view,
    find_view,
    hash_executable,
    is_there,
    read_at,
    read_executable,
    read_link,
    read_open_files,
)
from codered.model.process import Executable
from tests.fixtures.running import copy_program, running, running_from_memory, wait_until

HERE = View()


def see(pid: int, view: View = HERE) -> Executable:
    folder = os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY)
    try:
        wait_until(lambda: b"python" not in read_link(folder, "exe"))
        exe = read_executable(folder, view)
    finally:
        os.close(folder)
    assert exe is not None
    return exe


def flags(exe: Executable) -> set[str]:
    names = ("deleted", "replaced", "memfd", "foreign", "elsewhere", "nowhere")
    return {name for name in names if getattr(exe, name)}


def test_a_plain_program(tmp_path: Path) -> None:
    program = copy_program(tmp_path, "thing")
    with running(program, "60") as pid:
        exe = see(pid)
        assert (exe.path.text, flags(exe), exe.inode) == (str(program), set(), program.stat().st_ino)
        assert exe.changed is not None
        assert hash_executable("/proc", pid, exe) == hashlib.sha256(program.read_bytes()).hexdigest()


def test_a_deleted_program_can_still_be_hashed(tmp_path: Path) -> None:
    program = copy_program(tmp_path, "thing")
    digest = hashlib.sha256(program.read_bytes()).hexdigest()
    with running(program, "60") as pid:
        see(pid)
        program.unlink()
        exe = see(pid)
        assert (exe.path.text, flags(exe)) == (str(program), {"deleted", "elsewhere"})
        assert hash_executable("/proc", pid, exe) == digest


def test_a_replaced_program(tmp_path: Path) -> None:
    program = copy_program(tmp_path, "thing")
    with running(program, "60") as pid:
        see(pid)
        (tmp_path / "new").write_bytes(b"another")
        (tmp_path / "new").rename(program)  # as an upgrade does
        exe = see(pid)
        assert (exe.path.text, flags(exe)) == (str(program), {"deleted", "replaced", "elsewhere"})


def test_a_program_that_is_really_called_deleted(tmp_path: Path) -> None:
    program = copy_program(tmp_path, "thing (deleted)")
    with running(program, "60") as pid:
        exe = see(pid)
        assert (exe.path.text, flags(exe)) == (str(program), set())


def test_a_program_that_was_deleted_while_another_is_called_so(tmp_path: Path) -> None:
    program = copy_program(tmp_path, "thing")
    (tmp_path / "thing (deleted)").write_bytes(b"a decoy")
    with running(program, "60") as pid:
        see(pid)
        program.unlink()
        exe = see(pid)
        assert (exe.path.text, flags(exe)) == (str(program), {"deleted", "elsewhere"})


def test_a_program_in_memory() -> None:
    with running_from_memory("marker", "sleep", "60") as pid:
        exe = see(pid)
        assert (exe.path.text, flags(exe)) == ("/memfd:marker", {"memfd"})


def test_nothing_is_looked_up_for_a_process_with_another_tree(tmp_path: Path) -> None:
    program = copy_program(tmp_path, "thing")
    with running(program, "60") as pid:
        see(pid)
        program.unlink()
        program.write_bytes(b"ours, not theirs")
        assert flags(see(pid, View(foreign=True))) == {"deleted", "foreign"}


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    program = os.fsencode(tmp_path) + b"/\xff\n\x1b[31m"
    os.rename(copy_program(tmp_path, "thing"), program)
    with running(program, "60") as pid:
        exe = see(pid)
        assert exe.path.raw == program
        assert exe.path.text.endswith("/\\xff\n\x1b[31m")


def test_a_hash_belongs_to_the_file_that_was_seen(tmp_path: Path) -> None:
    with running(copy_program(tmp_path, "thing"), "60") as pid:
        exe = see(pid)
        assert hash_executable("/proc", pid, Executable(path=exe.path, device=1, inode=1)) == ""
    assert hash_executable("/proc", pid, exe) == ""
    assert hash_executable("/proc", os.getpid(), None) == ""


def test_open_files(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    with open(gone, "wb") as file:
        gone.unlink()
        with running("sleep", "60", stdout=file) as pid:
            folder = os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY)
            try:
                wait_until(lambda: read_open_files(folder).standard[1] != b"")
                files = read_open_files(folder)
            finally:
                os.close(folder)
    assert files.standard[0] == b"/dev/null"
    assert os.fsencode(gone) in files.deleted
    assert not files.more


def test_what_ended_can_not_be_read() -> None:
    with running("sleep", "60") as pid:
        folder = os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY)
    try:
        with pytest.raises(OSError):
            read_at(folder, "stat", 100)
    finally:
        os.close(folder)


def test_code_without_a_name() -> None:
    start = b"7f00-7f01 r-xp 00000000 08:01 "
    lines = [
        start + b"12 /tmp/one\\012two.so (deleted)",
        b"7f02-7f03 rw-p 00000000 08:01 13 /tmp/data (deleted)",
        start + b"14 /memfd:jit (deleted)",
        start + b"15 /dev/zero (deleted)",
        start + b"16 /usr/lib/there.so",
        start + b"0 /x (deleted)",
        b"garbage (deleted)",
    ]
    assert find_deleted_code(b"\n".join(lines)) == [b"/tmp/one\ntwo.so"]
    many = b"\n".join(start + b"12 /tmp/%d (deleted)" % number for number in range(100))
    assert len(find_deleted_code(many)) == MOST_DELETED


@given(st.binary(max_size=400))
def test_any_map_is_read(data: bytes) -> None:
    assert all(isinstance(path, bytes) for path in find_deleted_code(data + b" r-xp 0 0 1 /x (deleted)"))


def test_places(tmp_path: Path) -> None:
    assert is_there(os.fsencode(tmp_path), -1, HERE)
    assert not is_there(os.fsencode(tmp_path), -1, View(foreign=True, apart=True))
    assert not is_there(os.fsencode(tmp_path / "no"), -1, HERE)
    assert not is_there(b"/a\0b", -1, HERE)


def view_of(pid: int) -> View:
    folder = os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY)
    try:
        return find_view(folder, find_own_view("/proc"))
    finally:
        os.close(folder)


def wait_for(pid: int, name: str) -> None:
    wait_until(lambda: Path(f"/proc/{pid}/comm").read_text() == f"{name}\n")


def test_a_service_with_mounts_of_its_own_is_no_container(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    own = tmp_path / "own"
    own.mkdir()
    (own / "thing").write_bytes(b"ours: another file of the same name")
    program = copy_program(tmp_path, "original")
    code = f"mount -t tmpfs none {own} && cp {program} {own}/thing && exec {own}/thing 60"
    with running("unshare", "--mount", "--propagation", "private", "sh", "-c", code) as pid:
        wait_for(pid, "thing")
        view = view_of(pid)
        exe = see(pid, view)
    assert view == View(foreign=False, apart=True)
    assert (exe.path.text, flags(exe)) == (str(own / "thing"), {"elsewhere"})
    assert view_of(os.getpid()) == HERE


def test_a_program_under_the_name_of_another_on_mounts_of_its_own(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    covered, program = copy_program(tmp_path, "covered", of="true"), copy_program(tmp_path, "program")
    code = f"mount --bind {program} {covered} && exec {covered} 60"
    with running("unshare", "--mount", "--propagation", "private", "sh", "-c", code) as pid:
        wait_for(pid, "covered")
        exe = see(pid, view_of(pid))
    assert (exe.path.text, flags(exe)) == (str(covered), {"elsewhere"})


@pytest.mark.parametrize("decoy", [False, True])
def test_a_program_whose_mount_was_taken_away(tmp_path: Path, decoy: bool) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    own, program = tmp_path / "own", copy_program(tmp_path, "program")
    place = Path(f"{own}{tmp_path}/thing")  # without its mount its path is tmp_path/thing
    own.mkdir()
    if decoy:
        (tmp_path / "thing").write_bytes(b"what has that path")
    start = f"mount -t tmpfs none {own} && mkdir -p {place.parent} && cp {program} {place} && {{ {place} 60 & }}"
    code = f"{start} && sleep 0.2 && umount -l {own} && wait"
    with running("unshare", "--mount", "--propagation", "private", "sh", "-c", code) as shell:
        wait_until(lambda: bool(children_of(shell, "thing")) and os.fsencode(own) not in mounts_of(shell))
        (pid,) = children_of(shell, "thing")
        exe = see(pid, view_of(pid))
    assert exe.path.text == str(tmp_path / "thing")
    assert flags(exe) == {"elsewhere", "nowhere"}


def test_a_program_that_is_put_back_after_another_ran_in_its_place(tmp_path: Path) -> None:
    original, kept = copy_program(tmp_path, "daemon"), tmp_path / "kept"
    original.rename(kept)
    planted = copy_program(tmp_path, "daemon")
    with running(planted, "60") as pid:
        see(pid)
        kept.rename(original)
        exe = see(pid)
    assert (exe.path.text, flags(exe)) == (str(original), {"deleted", "replaced", "elsewhere"})


def children_of(pid: int, name: str) -> list[int]:
    found = []
    for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile: mount, mkdir, cp come before
            if Path(f"/proc/{one}/comm").read_text() == f"{name}\n":
                found.append(int(one))
    return found


def mounts_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/mountinfo").read_bytes()


def test_a_process_with_another_root_is_in_a_container(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    copy_program(tmp_path / "bin", "thing")
    listed = subprocess.run(["ldd", tmp_path / "bin" / "thing"], capture_output=True, text=True, check=True).stdout
    for library in (word for word in listed.split() if word.startswith("/")):
        (tmp_path / library[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, tmp_path / library[1:])
    with running("unshare", "--mount", f"--root={tmp_path}", "/bin/thing", "60") as pid:
        wait_for(pid, "thing")
        view = view_of(pid)
        exe = see(pid, view)
    assert view == View(foreign=True, apart=True)
    assert flags(exe) == {"foreign"}
