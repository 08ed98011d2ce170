import hashlib
import os
from pathlib import Path

from codered.detect.places import PlaceHit
from codered.scan.twin_files import find_twins, hash_open_file
from codered.targets import open_target
from tests.fixtures.small_packs import file_indicator


def test_files_with_the_same_content_are_found_by_the_path_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").write_bytes(b"INERT")
    (tmp_path / "bin" / "other").write_bytes(b"OTHER")
    digest = hashlib.sha256(b"INERT").hexdigest()
    hit = PlaceHit("demo", file_indicator("copy", same_as=("/bin/sh", "/bin/other", "/bin/missing")))
    target = open_target(str(tmp_path))
    assert list(find_twins(target, digest, 5, [hit])) == ["/bin/sh"]
    assert find_twins(target, digest, 6, [hit]) == {}
    assert find_twins(target, "", 5, [hit]) == {}


def test_an_open_file_is_hashed_from_its_start(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 70_000)
    descriptor = os.open(tmp_path / "a", os.O_RDONLY)
    try:
        os.lseek(descriptor, 10, os.SEEK_SET)
        assert hash_open_file(descriptor) == hashlib.sha256(b"x" * 70_000).hexdigest()
    finally:
        os.close(descriptor)
