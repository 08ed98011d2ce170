from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.model.process import Connection, ProcessId
from codered.packs.example_processes import FIRST_PID, read_processes

EXAMPLE = """about: a list
system: linux
processes:
  - name: apache2
    exe: /usr/sbin/apache2
    package: apache2-bin
    listens: [80, 443]
  - name: sh
    exe: /tmp/x
    command: [sh, -c, inert]
    parent: apache2
    user: www-data
    threads: 3
    deleted: true
  - name: kdevtmpfs
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def make(old: str = "", new: str = "") -> Path:
        assert old in EXAMPLE
        path = tmp_path / "list.process.yaml"
        path.write_text(EXAMPLE.replace(old, new, 1) if old else EXAMPLE)
        return path

    return make


def test_processes_are_as_a_scan_would_see_them(write: Callable[..., Path]) -> None:
    system, (server, shell, bare) = read_processes(write())
    assert system == "linux"
    assert server.exe is not None
    assert (server.exe.path.text, server.exe.package, server.exe.deleted) == ("/usr/sbin/apache2", "apache2-bin", False)
    assert server.connections == tuple(
        Connection(protocol="tcp", local="0.0.0.0", local_port=port, state="LISTEN") for port in (80, 443)
    )
    assert (server.parent, server.user, server.uid) == (1, "root", 0)
    assert shell.exe is not None
    assert (shell.exe.package, shell.exe.deleted) == ("", True)
    assert (shell.parent, shell.command, shell.threads) == (server.id.pid, ("sh", "-c", "inert"), 3)
    assert (shell.user, shell.uid > 0) == ("www-data", True)
    assert (bare.exe, bare.command) == (None, ())
    assert [process.id.pid for process in (server, shell, bare)] == [FIRST_PID, FIRST_PID + 1, FIRST_PID + 2]
    assert len({ProcessId(process.id.pid, process.id.start) for process in (server, shell, bare)}) == 3


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("    parent: apache2", "    parent: nginx", 11, "no process `nginx` before it"),
        ("    parent: apache2", "    parent: kdevtmpfs", 11, "no process `kdevtmpfs` before it"),
        ("    threads: 3", "    threats: 3", 13, "unknown key `threats`"),
        ("    threads: 3", "    threads: many", 13, "`threads` can't be 'many'"),
        ("system: linux", "system: solaris", 2, "`system` can't be 'solaris'"),
        ("  - name: sh\n", "  - nam: sh\n", 8, "unknown key `nam`"),
    ],
)
def test_a_mistake_names_its_line(write: Callable[..., Path], old: str, new: str, line: int, what: str) -> None:
    path = write(old, new)
    with pytest.raises(WrongUse) as caught:
        read_processes(path)
    assert caught.value.where == f"{path}:{line}"
    assert what in caught.value.what


@pytest.mark.parametrize(("count", "fits"), [(0, False), (1, True), (1000, True), (1001, False)])
def test_a_list_has_an_end(tmp_path: Path, count: int, fits: bool) -> None:
    path = tmp_path / "list.process.yaml"
    listed = "".join("\n  - name: x" for _ in range(count)) or " []"
    path.write_text(f"about: many\nsystem: linux\nprocesses:{listed}\n")
    if fits:
        assert len(read_processes(path)[1]) == count
        return
    with pytest.raises(WrongUse, match=f"has {count} processes"):
        read_processes(path)
