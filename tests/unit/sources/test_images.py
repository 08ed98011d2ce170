import bz2
import gzip
import lzma
import subprocess
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.sources.images import open_image
from codered.sources.kept_files import KeptFiles


def test_every_way_of_packing(image: Path, work: KeptFiles, tmp_path: Path) -> None:
    plain = gzip.decompress(image.read_bytes())
    (tmp_path / "i.tar").write_bytes(plain)
    (tmp_path / "i.tgz").write_bytes(gzip.compress(plain))
    (tmp_path / "i.tar.xz").write_bytes(lzma.compress(plain))
    (tmp_path / "i.tar.bz2").write_bytes(bz2.compress(plain))
    subprocess.run(["zstd", "-q", str(tmp_path / "i.tar")], check=True, timeout=20)
    for name in ("i.tar", "i.tgz", "i.tar.xz", "i.tar.bz2", "i.tar.zst"):
        found = open_image(tmp_path / name, work)
        assert set(found.listing.files) == {b"www/index.html"}
        found.archive.close()


@pytest.mark.parametrize("name", ["x.squashfs", "x.tar", "x.tar.gz", "x.tar.xz", "x.tar.bz2", "x.tar.zst"])
def test_what_is_no_image(work: KeptFiles, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no archive of any kind")
    with pytest.raises(WrongUse, match=name):
        open_image(tmp_path / name, work)


def test_a_packed_image_that_is_damaged(image: Path, work: KeptFiles) -> None:
    whole = image.read_bytes()
    image.write_bytes(whole[:20] + bytes([255] * 30) + whole[50:])
    with pytest.raises(WrongUse, match=r"image\.tar\.gz"):
        open_image(image, work)


def test_a_packed_image_that_is_cut(image: Path, work: KeptFiles) -> None:
    image.write_bytes(image.read_bytes()[:-9])
    with pytest.raises(WrongUse, match="end-of-stream"):
        open_image(image, work)
