from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart.package_hooks import find_commands
from codered.collect.autostart.reading import SmallFile
from tests.fixtures.autostart_roots import collect, make_root, write


def file_of(data: bytes, rel: bytes = b"etc/apt/apt.conf.d/x") -> SmallFile:
    return SmallFile(rel, data, False, "", len(data), 0o644, 0, datetime.now(UTC))


@pytest.mark.parametrize(
    ("data", "commands"),
    [
        (b'APT::Update::Pre-Invoke {"/x a"; "/y";};', ("/x a", "/y")),
        (b'DPkg::Pre-Install-Pkgs { "/x --apt || true"; };', ("/x --apt || true",)),
        (b'Acquire::Languages "none";\nDir::Log "/var/log";', ()),
        (b"post-invoke=/x\n", ("/x",)),
        (b"[Action]\nExec = /bin/sh -c x\n", ("/bin/sh -c x",)),
        (b'Pre-Invoke {"unfinished', ()),
    ],
)
def test_what_a_configuration_tells_to_run(data: bytes, commands: tuple[str, ...]) -> None:
    assert find_commands(file_of(data)) == commands


def test_a_plugin_names_programs_in_quotes() -> None:
    assert find_commands(file_of(b"os.system('/opt/x &')", b"usr/lib/yum-plugins/p.py")) == ("/opt/x &",)


@given(st.binary(max_size=300))
def test_no_configuration_is_too_odd(data: bytes) -> None:
    assert all(isinstance(command, str) for command in find_commands(file_of(data)))


def test_all_package_managers(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    names = ["etc/apt/apt.conf", "etc/apt/apt.conf.d/a", "etc/dpkg/dpkg.cfg.d/b", "usr/lib/yum-plugins/c.py",
             "etc/pacman.d/hooks/d.hook", "usr/lib/python3.11/site-packages/dnf-plugins/e.py"]  # fmt: skip
    write(root, dict.fromkeys(names, "x"))
    assert {e.system_path() for e in collect(root).entries if e.kind == "package_hook"} == {
        f"/{name}" for name in names
    }
