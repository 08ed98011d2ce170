from pathlib import Path

from codered.sources.dpkg_choices import is_overridden, packaged_name
from tests.fixtures.changing import FolderTarget


def write_record(tmp_path: Path, name: str, text: str) -> None:
    folder = tmp_path / "root/var/lib/dpkg"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def test_diversions(target: FolderTarget, tmp_path: Path) -> None:
    write_record(tmp_path, "diversions", "/bin/sh\n/bin/sh.distrib\ndash\n/cut\n")
    assert packaged_name(target, b"usr/bin/sh.distrib", "bash") == b"bin/sh"
    assert packaged_name(target, b"bin/sh.distrib", "dash") == b"bin/sh.distrib"
    assert packaged_name(target, b"bin/sh", "dash") == b"bin/sh"


def test_overrides(target: FolderTarget, tmp_path: Path) -> None:
    assert not is_overridden(target, b"usr/bin/x")
    write_record(tmp_path, "statoverride", "root mail 2755 /usr/bin/x\nodd\n")
    assert is_overridden(target, b"bin/x")
    assert not is_overridden(target, b"usr/bin/y")


def test_records_behind_a_link_are_not_read(target: FolderTarget, tmp_path: Path) -> None:
    write_record(tmp_path, "elsewhere", "root mail 2755 /usr/bin/x\n")
    (tmp_path / "root/var/lib/dpkg/statoverride").symlink_to("elsewhere")
    assert not is_overridden(target, b"usr/bin/x")
