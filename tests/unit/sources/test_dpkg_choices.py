from pathlib import Path

from codered.sources.dpkg_choices import installed_version, is_overridden, packaged_name
from tests.fixtures.changing import FolderTarget

STATUS = """Package: inert
Status: install ok installed
Architecture: all
Version: 1:1.0-1

Package: lib
Status: install ok installed
Architecture: amd64
Version: 2
Description: x
 Package: inert

Package: lib
Status: install ok installed
Architecture: i386
Version: 3
"""


def write_record(tmp_path: Path, name: str, text: str) -> None:
    folder = tmp_path / "root/var/lib/dpkg"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def test_versions(target: FolderTarget, tmp_path: Path) -> None:
    assert installed_version(target, "inert") is None
    write_record(tmp_path, "status", STATUS)
    assert installed_version(target, "inert") == ("1:1.0-1", "all")
    assert installed_version(target, "lib") == ("2", "amd64")
    assert installed_version(target, "lib:i386") == ("3", "i386")
    assert installed_version(target, "nert") is None


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
