"""SUID files and capabilities: which are told."""

import os
import shutil
from pathlib import Path

import pytest

from codered.collect.autostart.privileged_files import is_opener
from tests.fixtures.autostart_roots import judge, make_root, named, own, write

ELF = "\x7fELF\0"
SETUID = bytes.fromhex("0100000280000000" + "00" * 12)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to root")


@as_root
@pytest.mark.parametrize("name", ["usr/bin/find", "usr/bin/dash", "usr/bin/python3.11", "bin/vim.basic"])
def test_an_owned_opener_with_the_rights_of_root(tmp_path: Path, name: str) -> None:
    own(make_root(tmp_path), "tool", {name: ELF})
    (tmp_path / name).chmod(0o4755)
    found = named(judge(tmp_path))[f"/{name}"]
    assert (found.subject.key, found.remedy, found.confidence) == ("suid", "reset_setting", "likely")


@as_root
@pytest.mark.parametrize(
    "name", ["tmp/.x/rootsh", "home/ann/tool", "dev/shm/a", "usr/local/bin/bash", "var/www/html/img"]
)
def test_a_foreign_file_with_the_rights_of_root(tmp_path: Path, name: str) -> None:
    write(make_root(tmp_path), {name: ELF}, 0o4755)
    found = named(judge(tmp_path))[f"/{name}"]
    assert (found.subject.key, found.remedy) == ("suid", "quarantine_file")
    assert found.evidence[-1].source == "file"
    assert found.evidence[-1].sha256


@as_root
def test_a_real_program_copied(tmp_path: Path) -> None:
    make_root(tmp_path)
    shutil.copy("/bin/true", tmp_path / "opt-true")
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt-true").rename(tmp_path / "opt/true")
    (tmp_path / "opt/true").chmod(0o4755)
    assert list(named(judge(tmp_path))) == ["/opt/true"]


@as_root
def test_what_is_usual_is_none(tmp_path: Path) -> None:
    usual = {
        "usr/bin/su": ELF,
        "usr/bin/passwd": ELF,
        "usr/lib/x86_64-linux-gnu/utempter/utempter": ELF,
        "usr/bin/tool": ELF,
    }
    own(make_root(tmp_path), "login", usual)
    for name in usual:
        (tmp_path / name).chmod(0o4755 if "utempter" not in name else 0o2755)
    (tmp_path / "usr/bin/tool").chmod(0o2755)
    write(tmp_path, {"tmp/page.html": "<html>", "tmp/script.sh": "#!/bin/sh\n", "usr/share/x/mailbox": "From"}, 0o4755)
    write(tmp_path, {"srv/jail/usr/bin/su": ELF}, 0o4755)
    write(tmp_path, {"srv/jail/etc/os-release": "ID=debian\n"})
    write(tmp_path, {"opt/browser/chrome-sandbox": ELF}, 0o4755)
    assert judge(tmp_path) == ()


@as_root
def test_a_strange_program_in_a_system_within(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"srv/jail/usr/bin/rootsh": ELF}, 0o4755)
    write(tmp_path, {"srv/jail/etc/os-release": "ID=debian\n"})
    assert list(named(judge(tmp_path))) == ["/srv/jail/usr/bin/rootsh"]


@as_root
@pytest.mark.parametrize(
    ("name", "owned"), [("usr/bin/perl5.36", True), ("usr/local/bin/python3", False), ("opt/x", False)]
)
def test_capabilities_as_good_as_root(tmp_path: Path, name: str, owned: bool) -> None:
    make_root(tmp_path)
    (own(tmp_path, "tool", {name: ELF}) if owned else write(tmp_path, {name: ELF}))
    (tmp_path / name).chmod(0o755)
    set_capabilities(tmp_path / name, SETUID)
    found = named(judge(tmp_path))[f"/{name}"]
    assert (found.subject.key, found.remedy) == ("capabilities", "reset_setting" if owned else "quarantine_file")


@as_root
def test_harmless_capabilities_are_none(tmp_path: Path) -> None:
    own(make_root(tmp_path), "node", {"usr/bin/node": ELF, "usr/bin/newuidmap": ELF})
    for name, value in (("node", bytes.fromhex("0100000200040000" + "00" * 12)), ("newuidmap", SETUID)):
        (tmp_path / "usr/bin" / name).chmod(0o755)
        set_capabilities(tmp_path / "usr/bin" / name, value)
    assert judge(tmp_path) == ()


def set_capabilities(path: Path, value: bytes) -> None:
    try:
        os.setxattr(path, "security.capability", value)
    except OSError as error:
        pytest.skip(f"this file system takes no capabilities: {error}")


@pytest.mark.parametrize(
    ("name", "opens"),
    [
        (b"python3.11", True),
        (b"find", True),
        (b"perl5.36.0", True),
        (b"passwd", False),
        (b"su", False),
        (b"finder", False),
    ],
)
def test_openers(name: bytes, opens: bool) -> None:
    assert is_opener(name) is opens
