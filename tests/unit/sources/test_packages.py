import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.known_good import PackageRecord
from codered.model.plan import NoSource
from codered.sources.folders import folder_here
from codered.sources.kept_files import KeptFiles
from codered.sources.keyrings import Keyrings
from codered.sources.package_indexes import PackageIndexes
from codered.sources.packages import Places, Unpacked, download_with_apt, unpack_package
from codered.sources.programs import ProgramFailed
from tests.fixtures.signed_repository import FILES, Repository, make_deb, make_tar

INERT = PackageRecord("dpkg", "inert", "1.0-1", "all")
HOSTILE = (
    ("../../../../tmp/inert-escaped", tarfile.REGTYPE),
    ("/tmp/inert-escaped", tarfile.REGTYPE),
    ("./link", tarfile.SYMTYPE),
    ("./link/inert-escaped", tarfile.REGTYPE),
    ("./dev", tarfile.CHRTYPE),
)


def make_places(
    repository: Repository,
    work: KeptFiles,
    download: Callable[[PackageRecord, Path], None] | None = None,
    no_download: str = "",
) -> Places:
    indexes = PackageIndexes(folder_here(repository.lists), Keyrings(repository.keyring), work)
    return Places((folder_here(repository.packages),), (indexes,), download, no_download)


def why_not(package: PackageRecord, places: Places, work: KeptFiles) -> str:
    found = unpack_package(package, places, work)
    assert isinstance(found, NoSource)
    return found.because


def test_a_package(repository: Repository, work: KeptFiles) -> None:
    found = unpack_package(INERT, make_places(repository, work), work)
    assert isinstance(found, Unpacked)
    assert set(found.listing.files) == {name.encode() for name in FILES}
    assert found.conffiles == {b"etc/inert.conf"}
    found.archive.close()


def test_one_that_was_renamed_is_found_by_its_hash(repository: Repository, work: KeptFiles) -> None:
    repository.deb.rename(repository.packages / "inert_0_x.deb")
    found = unpack_package(INERT, make_places(repository, work), work)
    assert isinstance(found, Unpacked)
    found.archive.close()


@pytest.mark.parametrize("name", ["-o=x", "../x", "x y", "", "X"])
def test_names_that_can_not_be_packages(repository: Repository, work: KeptFiles, name: str) -> None:
    places = make_places(repository, work)
    assert "can't be one" in why_not(PackageRecord("dpkg", name, "1", "all"), places, work)
    assert "can't be one" in why_not(PackageRecord("dpkg", "x", name + "/", "all"), places, work)


def test_what_is_not_here_is_downloaded(repository: Repository, work: KeptFiles) -> None:
    body = repository.deb.read_bytes()
    repository.deb.unlink()
    assert "not downloaded: --offline" in why_not(INERT, make_places(repository, work, no_download="--offline"), work)

    def fail(_package: PackageRecord, _folder: Path) -> None:
        raise ProgramFailed("no way there")

    assert "not downloaded: no way there" in why_not(INERT, make_places(repository, work, download=fail), work)

    def bring_other(_package: PackageRecord, folder: Path) -> None:
        (folder / "inert_1.0-1_all.deb").write_bytes(body[:-1] + b"x")

    assert "is not the signed one" in why_not(INERT, make_places(repository, work, download=bring_other), work)

    def bring(package: PackageRecord, folder: Path) -> None:
        assert package == INERT
        (folder / "inert_1.0-1_all.deb").write_bytes(body)

    found = unpack_package(INERT, make_places(repository, work, download=bring), work)
    assert isinstance(found, Unpacked)
    found.archive.close()


def test_apt_says_what_it_can_not_fetch(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="inert-no-such-package"):
        download_with_apt(PackageRecord("dpkg", "inert-no-such-package", "1", "amd64"), tmp_path)


def test_links_and_pipes_are_no_packages(repository: Repository, work: KeptFiles, tmp_path: Path) -> None:
    repository.deb.rename(tmp_path / "real.deb")
    repository.deb.symlink_to(tmp_path / "real.deb")
    os.mkfifo(repository.packages / "inert_1.0-1_amd64.deb")
    why = why_not(INERT, make_places(repository, work), work)
    assert "symbolic links" in why
    assert "not a regular file" in why


def test_what_a_hostile_archive_names_is_never_written(repository: Repository, work: KeptFiles, tmp_path: Path) -> None:
    members = []
    for name, kind in HOSTILE:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/tmp"
        members.append((info, b""))
    repository.deb.unlink()
    deb = make_deb(repository.packages, tmp_path / "hostile", {"x": b"y"}, data=make_tar(members))
    repository.sign((deb,))
    found = unpack_package(INERT, make_places(repository, work), work)
    assert isinstance(found, Unpacked)
    found.archive.close()
    assert not Path("/tmp/inert-escaped").exists()
    assert found.listing.others == {b"link", b"dev"}


def test_a_signed_package_that_is_none(repository: Repository, work: KeptFiles) -> None:
    work_folder = repository.folder / "damaged"
    repository.sign((make_deb(repository.packages, work_folder, FILES, version="1.1", data=b"no archive"),))
    package = PackageRecord("dpkg", "inert", "1.1", "all")
    assert "can't be unpacked" in why_not(package, make_places(repository, work), work)


def test_one_that_is_cut(repository: Repository, work: KeptFiles) -> None:
    repository.deb.write_bytes(repository.deb.read_bytes()[:70])
    assert "is not the signed one" in why_not(INERT, make_places(repository, work), work)
