from pathlib import Path

import pytest

from codered.collect import installed_packages
from codered.collect.autostart.reading import Reader
from codered.collect.installed_packages import list_packages
from codered.model.patches import InstalledPackage
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root

STATUS = """Package: apache2-bin
Status: install ok installed
Architecture: amd64
Source: apache2 (2.4.57-2)
Version: 2.4.57-2+b1

Package: gone
Status: deinstall ok config-files
Version: 1

Package: half
Status: install ok half-configured
Architecture: all
Version: 2:1.0

Package: waits
Status: install ok triggers-pending
Architecture: all
Version: 1

Package: damaged
Status: install reinstreq installed
Version: 1

Package: without-a-version
Status: install ok installed

"""


def make_reader(folder: Path, status: bytes) -> Reader:
    make_root(folder)
    (folder / "var/lib/dpkg/status").write_bytes(status)
    return Reader(open_target(str(folder)))


def test_what_is_there_and_what_it_was_built_from(tmp_path: Path) -> None:
    assert list_packages(make_reader(tmp_path, STATUS.encode())) == (
        InstalledPackage("dpkg", "apache2-bin", "2.4.57-2+b1", "amd64", "apache2", "2.4.57-2"),
        InstalledPackage("dpkg", "half", "2:1.0", "all", "half", "2:1.0", "half-configured"),
        InstalledPackage("dpkg", "waits", "1", "all", "waits", "1"),
        InstalledPackage("dpkg", "damaged", "1", "", "damaged", "1", "installed"),
    )


def test_no_records_are_no_empty_list(tmp_path: Path) -> None:
    assert list_packages(make_reader(tmp_path, b"")) is None
    assert list_packages(make_reader(tmp_path / "b", b"\xff" * 1000 + b"\n\n\0")) is None


def test_too_many_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed_packages, "MOST_PACKAGES", 1)
    reader = make_reader(tmp_path, STATUS.encode())
    assert len(list_packages(reader) or ()) == 1
    assert "more than 1 packages" in reader.unread[0].why


def test_names_that_are_no_text(tmp_path: Path) -> None:
    status = b"Package: a\xffb\nStatus: install ok installed\nVersion: 1\n\n"
    (found,) = list_packages(make_reader(tmp_path, status)) or ()
    assert found.name == "a\\xffb"
