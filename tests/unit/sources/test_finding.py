import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from blake3 import blake3

from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.model.errors import Refused, WrongUse
from codered.model.known_good import FileRecord, PackageRecord
from codered.model.paths import FilePath
from codered.model.plan import NoSource, Source
from codered.sources.finding import BaselineFile, Choices, Knowledge, SourceFinder
from tests.fixtures.changing import FolderTarget
from tests.fixtures.real_packages import download_package
from tests.fixtures.signed_repository import FILES, Repository, make_deb

PAGE, CONF = "usr/share/inert/page.php", "etc/inert.conf"
INERT = PackageRecord("dpkg", "inert", "1.0-1", "all")


def make_finder(
    target: FolderTarget, folder: Path, repository: Repository | None = None, of_baseline: object = None
) -> SourceFinder:
    knowledge = Knowledge(of_package=lambda rel: INERT if rel.decode() in FILES else None)
    if callable(of_baseline):
        knowledge = knowledge._replace(of_baseline=of_baseline)
    choices = Choices(offline=True)
    if repository is not None:
        choices = Choices((repository.packages,), repository.lists, repository.keyring, offline=True)
    return SourceFinder(target, folder / "state" / "sources", choices, knowledge)


def at(target: FolderTarget, rel: str) -> FilePath:
    return FilePath(f"{target.info.root}/{rel}")


def why_not(finder: SourceFinder, path: FilePath, *, asked: bool = False) -> str:
    found = finder.find(path, asked)
    finder.close()
    assert isinstance(found, NoSource), found
    return found.because


def test_a_file_of_a_signed_package(target: FolderTarget, repository: Repository, tmp_path: Path) -> None:
    finder = make_finder(target, tmp_path, repository)
    source = finder.find(at(target, PAGE))
    assert isinstance(source, Source)
    kept = Path(source.path.text)
    assert (kept.read_bytes(), kept.stat().st_mode & 0o777) == (FILES[PAGE], 0o600)
    assert source.sha256 == hashlib.sha256(FILES[PAGE]).hexdigest() == kept.name
    assert (source.mode, source.uid, source.gid, source.owns_attributes, source.xattrs) == (0o644, 0, 0, True, None)
    assert source.origin.startswith("package inert 1.0-1, as signed by Test inert (key ")
    finder.close()
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_a_configuration_file_counts_only_if_asked_for(
    target: FolderTarget, repository: Repository, tmp_path: Path
) -> None:
    assert "configuration file" in why_not(make_finder(target, tmp_path, repository), at(target, CONF))
    source = make_finder(target, tmp_path, repository).find(at(target, CONF), asked=True)
    assert isinstance(source, Source)
    assert (source.mode, source.size) == (0o640, len(FILES[CONF]))


def test_a_configuration_file_that_the_baseline_knows_otherwise(
    target: FolderTarget, repository: Repository, tmp_path: Path
) -> None:
    choices = Choices((repository.packages,), repository.lists, repository.keyring, offline=True)
    for content, counts in ((FILES[CONF], True), (b"as edited before", False)):
        digest = blake3(content).digest()
        knowledge = Knowledge(of_package=lambda _: INERT, of_record=lambda _, known=digest: known)  # type: ignore[misc]
        finder = SourceFinder(target, tmp_path / "s", choices, knowledge)
        assert isinstance(finder.find(at(target, CONF), asked=True), Source) is counts
        assert isinstance(finder.find(at(target, PAGE)), Source)  # a package may have been upgraded since


def test_what_the_administrator_chose_is_kept(target: FolderTarget, repository: Repository, tmp_path: Path) -> None:
    dpkg = tmp_path / "root/var/lib/dpkg"
    dpkg.mkdir(parents=True)
    (dpkg / "statoverride").write_text(f"root www-data 2755 /{PAGE}\n")
    source = make_finder(target, tmp_path, repository).find(at(target, PAGE))
    assert isinstance(source, Source)
    assert not source.owns_attributes


def test_a_diverted_file_has_its_packages_name(target: FolderTarget, repository: Repository, tmp_path: Path) -> None:
    dpkg = tmp_path / "root/var/lib/dpkg"
    dpkg.mkdir(parents=True)
    (dpkg / "diversions").write_text(f"/{PAGE}\n/usr/share/inert/page.php.real\nother\n")
    choices = Choices((repository.packages,), repository.lists, repository.keyring, offline=True)
    finder = SourceFinder(target, tmp_path / "s", choices, Knowledge(of_package=lambda _: INERT))
    source = finder.find(at(target, "usr/share/inert/page.php.real"))
    assert isinstance(source, Source)
    assert source.size == len(FILES[PAGE])


def flip(path: Path, after: bytes = b"") -> None:
    body = bytearray(path.read_bytes())
    place = body.index(after) + len(after) if after else len(body) // 2
    body[place] ^= 1
    path.write_bytes(body)


TAMPERED: dict[str, tuple[Callable[[Repository], object], str]] = {
    "package": (lambda r: flip(r.deb), "refused: its SHA-256 is not the signed one"),
    "index": (lambda r: flip(r.lists / "test_inert_main_binary-amd64_Packages", b"x@example"), "not the one"),
    "release": (lambda r: flip(r.lists / "test_inert_InRelease", b"Codename"), "signature does not verify"),
    "signature": (
        lambda r: flip(r.lists / "test_inert_InRelease", b"BEGIN PGP SIGNATURE-----\n\niHU"),
        "signature does not verify",
    ),
    "no release": (lambda r: (r.lists / "test_inert_InRelease").unlink(), "stands in no signed index"),
    "no index": (lambda r: (r.lists / "test_inert_main_binary-amd64_Packages").unlink(), "stands in no signed index"),
    "no package": (lambda r: r.deb.unlink(), "is not here"),
    "another keyring": (lambda r: r.keyring.write_bytes(b""), "signature does not verify"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_tampered_with_is_no_source(
    target: FolderTarget, repository: Repository, tmp_path: Path, name: str
) -> None:
    tamper, story = TAMPERED[name]
    tamper(repository)
    finder = make_finder(target, tmp_path, repository)
    why = why_not(finder, at(target, PAGE))
    assert story in why
    assert why.isprintable()
    assert not [path for path in (tmp_path / "state/sources").glob("*") if path.is_file()]


def test_a_package_that_nobody_signed_is_refused_by_name(
    target: FolderTarget, repository: Repository, tmp_path: Path
) -> None:
    repository.deb.unlink()
    make_deb(repository.packages, tmp_path / "other", {PAGE: b"<?php // INERT MARKER, not as packaged\n"})
    why = why_not(make_finder(target, tmp_path, repository), at(target, PAGE))
    assert f"{repository.deb}: refused" in why


def test_without_anything_to_go_by(target: FolderTarget, tmp_path: Path) -> None:
    finder = make_finder(target, tmp_path)
    assert "no baseline was given; inert 1.0-1 stands in no signed index" in why_not(finder, at(target, PAGE))
    assert why_not(finder, at(target, "www/x")) == "no baseline was given; no package has it"
    assert "beneath" in why_not(finder, FilePath("/elsewhere/x"))
    assert "beneath" in why_not(finder, at(target, "a/../../x"))


def write_good(out: int) -> None:
    os.write(out, b"good")


def test_the_baseline_comes_first(target: FolderTarget, repository: Repository, tmp_path: Path) -> None:
    record = FileRecord(0o100751, 7, 8, 4, xattrs=(("user.note", b"x"),), mtime_ns=5)

    def of_baseline(rel: bytes) -> BaselineFile:
        assert rel == PAGE.encode()
        return BaselineFile(record, "baseline b1", write_good)

    source = make_finder(target, tmp_path, repository, of_baseline).find(at(target, PAGE))
    assert isinstance(source, Source)
    assert Path(source.path.text).read_bytes() == b"good"
    assert (source.mode, source.uid, source.gid, source.mtime_ns) == (0o751, 7, 8, 5)
    assert (source.owns_attributes, source.xattrs, source.origin) == (True, {"user.note": b"x"}, "baseline b1")


def test_a_damaged_baseline_gives_way_to_the_package(
    target: FolderTarget, repository: Repository, tmp_path: Path
) -> None:
    def refuse(_: int) -> None:
        raise Refused("a kept content is damaged")

    def damaged(_: bytes) -> BaselineFile:
        return BaselineFile(FileRecord(0o100644, 0, 0), "b", refuse)

    def another(_: bytes) -> BaselineFile:
        return BaselineFile(FileRecord(0o100644, 0, 0, sha256=b"\1" * 32), "b", lambda fd: None)

    for of_baseline in (damaged, another):
        source = make_finder(target, tmp_path, repository, of_baseline).find(at(target, PAGE))
        assert isinstance(source, Source)
        assert source.origin.startswith("package inert")


def test_an_image_comes_last(target: FolderTarget, tmp_path: Path, image: Path) -> None:
    finder = SourceFinder(target, tmp_path / "s", Choices(image=image), Knowledge())
    source = finder.find(at(target, "www/index.html"))
    assert isinstance(source, Source)
    assert (source.size, source.owns_attributes, str(image) in source.origin) == (5, False, True)
    assert "the image given has no such file" in why_not(finder, at(target, "www/none"))


def test_a_state_folder_that_can_not_be_made(target: FolderTarget, repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(WrongUse, match="can't be made"):
        make_finder(target, tmp_path, repository).find(at(target, PAGE))


def test_a_real_package_by_the_lists_of_this_debian(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    deb = download_package("gpgv", packages)
    here = FolderTarget(Path("/"))
    database = PackageDatabase(Reader(here))
    assert database.owner(b"usr/bin/gpgv") == "gpgv"
    query = ["dpkg-query", "-W", "-f", "${Version} ${Architecture}", "gpgv"]
    installed = subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()
    record = PackageRecord("dpkg", "gpgv", deb.name.split("_")[1].replace("%3a", ":"), installed[1])
    choices = Choices(packages=(packages,), offline=True)
    finder = SourceFinder(here, tmp_path / "s", choices, Knowledge(of_package=lambda _: record))
    source = finder.find(FilePath("/usr/bin/gpgv"))
    finder.close()
    assert isinstance(source, Source), source
    assert "as signed by Debian" in source.origin
    assert (source.mode, source.owns_attributes) == (0o755, True)
    if record.version == installed[0]:
        assert source.sha256 == hashlib.sha256(Path("/usr/bin/gpgv").read_bytes()).hexdigest()
