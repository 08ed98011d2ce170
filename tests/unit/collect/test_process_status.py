"""Lines of /proc: real ones, and ones that lie."""

import os
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from codered.collect.process_status import (
    KERNEL_THREAD,
    parse_boot_time,
    parse_command,
    parse_environment,
    parse_stat,
    parse_status,
    tell_start,
)


def make_stat(name: bytes, *, state: str = "S", flags: int = 0, tty: int = 0, start: int = 77) -> bytes:
    fields = [7, 1, 1, tty, -1, flags, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 3, 0, start, 4096, 12]
    return b"42 (" + name + b") " + state.encode() + b" " + " ".join(map(str, fields)).encode() + b"\n"


def test_own_line() -> None:
    with open("/proc/self/stat", "rb") as file:
        line = parse_stat(file.read())
    assert line is not None
    assert (line.pid, line.parent, line.kernel) == (os.getpid(), os.getppid(), False)
    assert line.size > 0
    assert line.start > 0


def test_fields() -> None:
    line = parse_stat(make_stat(b"x", state="Z", flags=KERNEL_THREAD, tty=34816, start=99))
    assert line is not None
    assert (line.pid, line.name, line.state, line.parent, line.start) == (42, b"x", "Z", 7, 99)
    assert (line.kernel, line.tty, line.threads, line.size) == (True, True, 3, 4096)


def test_a_name_that_looks_like_the_rest_of_the_line() -> None:
    line = parse_stat(make_stat(b"a) R 1 1\n(b"))
    assert line is not None
    assert (line.name, line.parent) == (b"a) R 1 1\n(b", 7)


def test_what_is_no_line() -> None:
    for data in (b"", b"42", b"42 (x)", b"42 (x) S 1 2 3", b"x (x) S " + b"1 " * 40, b"42 (x) S " + b"a " * 40):
        assert parse_stat(data) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_a_line_or_none(data: bytes) -> None:
    line = parse_stat(data)
    assert line is None or line.pid >= 0 or data.startswith(b"-")


@given(st.binary(max_size=15).filter(lambda name: b"\0" not in name))
def test_any_name_comes_back(name: bytes) -> None:
    line = parse_stat(make_stat(name))
    assert line is not None
    assert line.name == name
    assert line.start == 77


def test_own_status() -> None:
    with open("/proc/self/status", "rb") as file:
        status = parse_status(file.read())
    assert (status.uid, status.leader) == (os.geteuid(), os.getpid())


def test_the_effective_user_and_capabilities() -> None:
    data = b"Name:\tx\\nTgid:\t1\nTgid:\t5\nUid:\t1000\t0\t0\t0\nCapEff:\t00000000000000ff\n"
    status = parse_status(data)
    assert (status.uid, status.capabilities, status.leader) == (0, 255, 5)


@given(st.binary(max_size=300))
def test_any_status(data: bytes) -> None:
    status = parse_status(data)
    assert status.uid >= -1
    assert status.leader >= -1


def test_arguments() -> None:
    assert parse_command(b"") == ()
    assert parse_command(b"sh\0-c\0\0") == ("sh", "-c", "")
    assert parse_command(b"postgres: writer   ") == ("postgres: writer   ",)
    assert parse_command(b"a\xff\n\x1b[31m\0") == ("a\\xff\n\x1b[31m",)
    assert len(parse_command(b"x\0" * 9999)) == 4096


def test_only_wanted_variables_the_first_of_a_name() -> None:
    data = b"SECRET=1\0LD_PRELOAD=/tmp/a.so\0LD_PRELOAD=/tmp/b.so\0LD_AUDIT\0"
    wanted = frozenset(("LD_PRELOAD", "LD_AUDIT"))
    assert parse_environment(data, wanted) == {"LD_PRELOAD": "/tmp/a.so", "LD_AUDIT": ""}
    assert parse_environment(b"LD_PRELOAD=" + b"x" * 9999, wanted, 10) == {"LD_PRELOAD": "x" * 10}


def test_start_of_a_process() -> None:
    assert parse_boot_time(b"cpu 1 2\nbtime 1000\n") == 1000
    assert parse_boot_time(b"btime x\n") is None
    assert tell_start(1000, 250, 100) == datetime(1970, 1, 1, 0, 16, 42, 500_000, tzinfo=UTC)
    assert tell_start(None, 250, 100) is None
    assert tell_start(10**12, 10**19, 100) is None
