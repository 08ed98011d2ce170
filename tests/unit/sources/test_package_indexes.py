import bz2
import gzip
import lzma
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.known_good import PackageRecord
from codered.sources.folders import folder_here
from codered.sources.kept_files import KeptFiles
from codered.sources.keyrings import Keyrings
from codered.sources.package_indexes import PackageIndexes
from tests.fixtures.signed_repository import Repository, make_deb

INERT = PackageRecord("dpkg", "inert", "1.0-1", "all")
INDEX = "test_inert_main_binary-amd64_Packages"


def read_indexes(repository: Repository, work: KeptFiles) -> PackageIndexes:
    return PackageIndexes(folder_here(repository.lists), Keyrings(repository.keyring), work)


def test_what_is_signed(repository: Repository, work: KeptFiles, tmp_path: Path) -> None:
    newer = make_deb(repository.packages, tmp_path / "newer", {"x": b"y"}, version="2:1.0~rc1")
    repository.sign((repository.deb, newer))
    indexes = read_indexes(repository, work)
    (entry,) = indexes.find(INERT)
    assert (entry.size, entry.release.called) == (repository.deb.stat().st_size, "Test inert")
    assert set(entry.release.hashes) == {"main/binary-amd64/Packages"}
    assert len(indexes.find(PackageRecord("dpkg", "inert", "2:1.0~rc1", "all"))) == 1
    for other in (PackageRecord("dpkg", "inert", "1.0-2", "all"), PackageRecord("dpkg", "inert", "1.0-1", "amd64")):
        assert indexes.find(other) == []
    assert indexes.problems == []


def test_a_signature_apart(repository: Repository, work: KeptFiles) -> None:
    repository.sign((repository.deb,), apart=True)
    assert len(read_indexes(repository, work).find(INERT)) == 1
    (repository.lists / "test_inert_Release.gpg").unlink()
    indexes = read_indexes(repository, work)
    assert indexes.find(INERT) == []
    assert "No such file" in indexes.problems[0]


@pytest.mark.parametrize("ending", ["xz", "gz", "bz2", "lz4", "zst"])
def test_every_way_of_packing(repository: Repository, work: KeptFiles, ending: str) -> None:
    plain = repository.lists / INDEX
    body, packed = plain.read_bytes(), repository.lists / f"{INDEX}.{ending}"
    packers: dict[str, Callable[[bytes], bytes]] = {"xz": lzma.compress, "gz": gzip.compress, "bz2": bz2.compress}
    if ending in packers:
        packed.write_bytes(packers[ending](body))
    elif ending == "zst":
        subprocess.run(["zstd", "-q", str(plain), "-o", str(packed)], check=True, timeout=20)
    else:
        packed.write_bytes(pack_lz4(body))
    plain.unlink()
    assert len(read_indexes(repository, work).find(INERT)) == 1
    whole = packed.read_bytes()
    middle = len(whole) // 2
    for damaged in (whole[:-30], whole[:middle] + bytes(40) + whole[middle + 40 :]):
        packed.write_bytes(damaged)
        indexes = read_indexes(repository, work)
        assert indexes.find(INERT) == []
        assert str(packed) in indexes.problems[0]


def pack_lz4(body: bytes) -> bytes:
    """One block that is not packed, in a frame of LZ4 without sums: there is no lz4 in the standard library."""
    return bytes.fromhex("04224d18604082") + (len(body) | 1 << 31).to_bytes(4, "little") + body + bytes(4)


def test_what_no_signed_release_names_is_not_read(repository: Repository, work: KeptFiles) -> None:
    index = (repository.lists / INDEX).read_bytes()
    (repository.lists / "test_inert_other_binary-amd64_Packages").write_bytes(index.replace(b"inert", b"other"))
    (repository.lists / "elsewhere_main_binary-amd64_Packages").write_bytes(index.replace(b"inert", b"other"))
    indexes = read_indexes(repository, work)
    assert indexes.find(PackageRecord("dpkg", "other", "1.0-1", "all")) == []
    assert len(indexes.find(INERT)) == 1


def test_links_are_not_followed(repository: Repository, work: KeptFiles, tmp_path: Path) -> None:
    (repository.lists / INDEX).rename(tmp_path / "index")
    (repository.lists / INDEX).symlink_to(tmp_path / "index")
    indexes = read_indexes(repository, work)
    assert indexes.find(INERT) == []
    assert "symbolic links" in indexes.problems[0]
