import subprocess
from pathlib import Path

import pytest

from codered.model.known_good import PackageRecord
from codered.model.plan import NoSource
from codered.sources.folders import folder_here
from codered.sources.kept_files import KeptFiles
from codered.sources.packages import Unpacked
from codered.sources.rpm_packages import unpack_rpm
from tests.fixtures.signed_repository import Repository

INERT = PackageRecord("rpm", "inert", "1.2-3", "noarch")
SPEC = """Name: inert
Version: 1.2
Release: 3
Summary: inert
License: none
BuildArch: noarch
%description
inert
%install
mkdir -p %{buildroot}/usr/share/inert
echo as packaged > %{buildroot}/usr/share/inert/a.txt
%files
/usr/share/inert/a.txt
"""


class Signed:
    """A folder with a signed rpm, and the key in text form."""

    def __init__(self, folder: Path, repository: Repository) -> None:
        folder.mkdir()
        self.key = folder / "key.asc"
        (folder / "inert.spec").write_text(SPEC)
        build = ["rpmbuild", "--quiet", "--define", f"_topdir {folder}", "-bb", str(folder / "inert.spec")]
        subprocess.run(build, check=True, capture_output=True, timeout=60)
        self.packages = folder / "RPMS/noarch"
        self.rpm = self.packages / "inert-1.2-3.noarch.rpm"
        self.unsigned = self.rpm.read_bytes()
        self.key.write_bytes(repository.armored_keyring())
        names = [
            "--define",
            f"_gpg_path {repository.home}",
            "--define",
            "__gpg /usr/bin/gpg",
            "--define",
            "_gpg_name inert@example.org",
        ]
        subprocess.run(["rpmsign", *names, "--addsign", str(self.rpm)], check=True, capture_output=True, timeout=60)


@pytest.fixture
def signed(tmp_path: Path, repository: Repository) -> Signed:
    return Signed(tmp_path / "rpm", repository)


def why_not(package: PackageRecord, signed: Signed, key: Path | None, work: KeptFiles) -> str:
    found = unpack_rpm(package, (folder_here(signed.packages),), key, work)
    assert isinstance(found, NoSource)
    return found.because


def test_a_signed_package(signed: Signed, work: KeptFiles) -> None:
    found = unpack_rpm(INERT, (folder_here(signed.packages),), signed.key, work)
    assert isinstance(found, Unpacked), found
    member = found.listing.files[b"usr/share/inert/a.txt"]
    found.archive.close()
    assert (member.size, member.mode, member.uid) == (12, 0o644, 0)
    assert found.origin.startswith("package inert 1.2-3 noarch, as signed by the rpm key ")


def test_what_is_not_signed_is_refused(signed: Signed, work: KeptFiles) -> None:
    assert "no signature of it by a trusted key" in why_not(INERT, signed, None, work)
    whole = bytearray(signed.rpm.read_bytes())
    whole[-20] ^= 1
    signed.rpm.write_bytes(whole)
    assert "no signature of it by a trusted key" in why_not(INERT, signed, signed.key, work)
    signed.rpm.write_bytes(signed.unsigned)
    assert "no signature of it by a trusted key" in why_not(INERT, signed, signed.key, work)
    signed.rpm.write_bytes(b"")
    assert "refused" in why_not(INERT, signed, signed.key, work)


def test_another_package_under_its_name(signed: Signed, work: KeptFiles) -> None:
    signed.rpm.rename(signed.packages / "inert-9-9.noarch.rpm")
    other = PackageRecord("rpm", "inert", "9-9", "noarch")
    assert "another package than its name says" in why_not(other, signed, signed.key, work)
    assert "is in none of the folders" in why_not(INERT, signed, signed.key, work)


def test_names_and_keys_that_are_none(signed: Signed, work: KeptFiles, tmp_path: Path) -> None:
    assert "can't be one" in why_not(PackageRecord("rpm", "-x", "1-1", "noarch"), signed, None, work)
    assert "can't use the keyring" in why_not(INERT, signed, tmp_path / "none", work)
