from datetime import UTC, datetime

import pytest

from codered.model.errors import Refused
from codered.packs.updating.index import (
    Index,
    IndexedHeuristics,
    IndexedPack,
    find_future,
    name_target,
    read_index,
    write_index,
)

PACK = IndexedPack(name="a-b", version="2030.01.1", digest="0" * 64, target="a-b-2030.01.1-000000000000.tar.zst")


def test_a_list_comes_back_and_is_always_written_alike() -> None:
    other = IndexedPack(name="a", version="2030.01.2", digest="1" * 64, target="a.tar.zst")
    index = Index(packs=(PACK, other), heuristics=IndexedHeuristics(digest="2" * 64, target="h.tar.zst"))
    data = write_index(index)
    assert data == write_index(read_index(data, "x"))
    assert read_index(data, "x").packs == (other, PACK)
    assert index.pack_named("a") == other
    assert index.pack_named("c") is None
    assert name_target("a-b", "2030.01.1", "0" * 64) == PACK.target
    assert name_target("heuristics", "", "1" * 64) == "heuristics-111111111111.tar.zst"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"a-b"', b'"../b"'),
        (b'"a-b"', b'"A"'),
        (b'"a-b"', b'"%s"' % (b"a" * 65)),
        (b'"2030.01.1"', b'"1"'),
        (b'"2030.01.1"', b'"2030.01.1\\n"'),
        (b".tar.zst", b".exe"),
        (b'"a-b-2030', b'"/a-b-2030'),
        (b'"format": 1', b'"format": 9'),
        (b'"format": 1', b'"format": 1, "run": "x"'),
    ],
)
def test_what_is_not_understood_is_refused(old: bytes, new: bytes) -> None:
    data = write_index(Index(packs=(PACK,)))
    assert old in data
    with pytest.raises(Refused, match="not understood"):
        read_index(data.replace(old, new, 1), "x")


def test_a_pack_is_listed_once() -> None:
    with pytest.raises(Refused, match="twice"):
        read_index(write_index(Index(packs=(PACK, PACK))), "x")


def test_a_version_is_at_most_of_next_month() -> None:
    november, december = datetime(2030, 11, 30, tzinfo=UTC), datetime(2030, 12, 31, tzinfo=UTC)
    assert [find_future(version, november) for version in ("2029.12.99", "2030.12.999", "2031.01.1")] == [
        False,
        False,
        True,
    ]
    assert [find_future(version, december) for version in ("2031.01.9", "2031.02.1", "9998.12.9")] == [
        False,
        True,
        True,
    ]
