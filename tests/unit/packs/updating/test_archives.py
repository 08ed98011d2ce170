import io
import tarfile

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.model.errors import Refused, WrongUse
from codered.packs.updating.archives import MOST_TAR_BYTES, explain_name, read_archive, write_archive

FILES = {"pack.yaml": b"name: x\n", "examples/hit/a.log": b"", "rules.yar": b"r" * 1000}


def pack(*entries: tarfile.TarInfo, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for entry in entries:
            entry.mode = 0o644
            entry.size = len(content) if entry.isreg() else 0
            tar.addfile(entry, io.BytesIO(content))
    return zstandard.ZstdCompressor().compress(out.getvalue())


def make_entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.linkname = link
    return entry


def test_files_come_back_and_the_same_files_give_the_same_archive() -> None:
    data = write_archive(FILES)
    assert read_archive(data, "x") == FILES
    assert write_archive(dict(reversed(FILES.items()))) == data


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../b", "a//b", ".", "", "a/./b", "a\\b", "C:x", "a\nb", "x. "]
)
def test_a_name_that_leads_elsewhere_is_refused_both_ways(name: str) -> None:
    assert explain_name(name)
    with pytest.raises(WrongUse):
        write_archive({name: b"x"})
    with pytest.raises(Refused):
        read_archive(pack(make_entry(name)), "x")


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
)
def test_links_devices_pipes_and_folders_are_refused(kind: bytes) -> None:
    with pytest.raises(Refused, match=r"archive of plain files|leads elsewhere"):
        read_archive(pack(make_entry("a", kind, "/etc/passwd")), "x")


def test_what_could_be_read_in_two_ways_is_refused() -> None:
    twice = pack(make_entry("a"), make_entry("a"))
    with pytest.raises(Refused, match="twice"):
        read_archive(twice, "x")
    for one, other in (("A", "a"), ("a", "a/b")):
        with pytest.raises(Refused, match="exclude one another"):
            read_archive(pack(make_entry(one), make_entry(other)), "x")
    owned = make_entry("a")
    owned.uid = 1000
    tar = zstandard.ZstdDecompressor().decompress(write_archive(FILES))
    for data in (
        pack(owned),
        *(zstandard.ZstdCompressor().compress(cut) for cut in (tar[:-512], tar + b"x", tar[:600])),
    ):
        with pytest.raises(Refused):
            read_archive(data, "x")


def test_a_bomb_is_not_unpacked() -> None:
    zeros = bytes(MOST_TAR_BYTES + 1)
    for data in (
        zstandard.ZstdCompressor().compress(zeros),
        zstandard.ZstdCompressor(write_content_size=False).compress(zeros),
        write_archive(FILES) + b"more",
        b"",
    ):
        with pytest.raises(Refused):
            read_archive(data, "x")
    with pytest.raises(WrongUse, match="too long"):
        write_archive({"a" * 200: b""})


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000), st.booleans())
def test_any_bytes_are_refused_or_read(data: bytes, packed: bool) -> None:
    try:
        files = read_archive(zstandard.ZstdCompressor().compress(data) if packed else data, "x")
    except Refused:
        return
    assert not any(map(explain_name, files))
