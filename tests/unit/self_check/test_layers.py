"""Which layers work here."""

import socket
import sys
from pathlib import Path

import pytest

from codered.self_check import layers
from codered.self_check.installation import Installation
from codered.self_check.layers import (
    check_extras,
    check_library,
    check_linux,
    check_packet_sockets,
    check_process_memory,
    check_rights,
    check_windows,
)


@pytest.fixture
def rights(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    given = [True]
    monkeypatch.setattr(layers, "is_administrator", lambda: given[0])
    return given


def test_nothing_of_a_host_is_ever_wrong_or_silent(rights: list[bool]) -> None:
    for given in (True, False):
        rights[0] = given
        for check in (*check_linux(), *check_windows()):
            assert check.state in ("good", "absent")
            assert check.told
            assert check.advice or check.state == "good"


def test_without_root_what_needs_it_is_absent(rights: list[bool]) -> None:
    rights[0] = False
    assert (check_rights().state, check_process_memory(1).state) == ("absent", "absent")
    assert check_library("containment", "libc.so.6", "").told == "cutting off this host needs root"
    assert check_library("confinement", "libc.so.6", "").state == "good"


def test_closed_memory_is_absent_for_root_too(rights: list[bool]) -> None:
    assert check_process_memory(3).state == "absent"
    assert [check_process_memory(scope).state for scope in (-1, 0, 2)] == ["good"] * 3


def test_a_missing_library_is_named_with_its_package(rights: list[bool]) -> None:
    found = check_library("containment", "libnone.so.9", "apt-get install libnone9")
    assert (found.told, found.advice) == ("libnone.so.9 is not installed", "apt-get install libnone9")


def test_traffic_that_can_not_be_watched_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket, "socket", refuse)
    found = check_packet_sockets()
    assert (found.state, found.told) == ("absent", "traffic can't be watched here: Operation not permitted")


def test_extras_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "EXTRAS", {"images": (("json", "no_such_module"), "disk images")})
    (found,) = check_extras()
    assert (found.state, found.told) == ("absent", "not installed (no_such_module): no disk images")
    assert found.advice == "pip install 'codered-detect[images]'"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert next(check_extras()).advice == "nothing can be added here: take the wheel, or a checkout"
    monkeypatch.setattr(sys, "frozen", False)
    for kind in ("one-file", "debian"):  # they use nothing of the system's own Python packages
        installed = Installation(kind, Path("/x"), private=True)
        monkeypatch.setattr(layers, "find_installation", lambda found=installed: found)
        assert next(check_extras()).advice == "nothing can be added here: take the wheel, or a checkout"


def test_extras_are_those_of_the_package() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert set(layers.EXTRAS) <= set(project["optional-dependencies"])


def test_kernel_numbers(tmp_path: Path) -> None:
    (tmp_path / "scope").write_text("2\n")
    assert layers._read_number(tmp_path / "scope") == 2
    assert layers._read_number(tmp_path / "none") == -1
