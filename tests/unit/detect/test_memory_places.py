import pytest

from codered.detect.memory import MemoryJudge
from codered.detect.memory_places import NEAR, Owned, Places, find_places
from tests.fixtures.dump_files import fill, memory_rules

SIZE = 1 << 20
ALL = Owned(5000, 5000 + SIZE)
HEAD, TAIL = b"INERT-HEAD", b"INERT-TAIL"


@pytest.fixture(scope="module")
def judge() -> MemoryJudge:
    return MemoryJudge(memory_rules())


def find(judge: MemoryJudge, data: bytes, owned: Owned = ALL) -> Places:
    return find_places(judge, data, 5000, owned)


def places(found: Places) -> list[tuple[int, str]]:
    return [(place, hit.indicator.id) for place, hit in found.hits]


def put(data: bytes, at: int, what: bytes) -> bytes:
    return data[:at] + what + data[at + len(what) :]


def test_nothing_is_found_in_nothing(judge: MemoryJudge) -> None:
    assert find(judge, fill(SIZE)) == Places([], more=False)


def test_each_copy_is_a_place(judge: MemoryJudge) -> None:
    found = find(judge, fill(SIZE, 0, 100, SIZE - 10))
    assert (places(found), found.more) == ([(5000, "mark"), (5100, "mark"), (5000 + SIZE - 10, "mark")], False)


def test_places_beside_the_wanted_part_are_left_to_others(judge: MemoryJudge) -> None:
    data = fill(SIZE, 10, 5000, 6000, SIZE - 10)
    assert places(find(judge, data, Owned(5000 + 5000, 5000 + 6000))) == [(10000, "mark")]


def test_many_places_before_the_wanted_part_do_not_hide_those_in_it(judge: MemoryJudge) -> None:
    data = fill(SIZE, *range(0, SIZE // 2, 64), SIZE - 500)
    assert places(find(judge, data, Owned(5000 + SIZE // 2, 5000 + SIZE))) == [(5000 + SIZE - 500, "mark")]


def test_more_places_than_are_looked_for_are_told(judge: MemoryJudge) -> None:
    found = find(judge, fill(SIZE, *range(0, SIZE, 64)))
    assert found.more
    assert len(found.hits) > 1
    assert find_places(judge, fill(SIZE, 0, 64), 5000, ALL, 1).more


def test_a_copy_with_several_strings_is_one_place(judge: MemoryJudge) -> None:
    data = put(put(put(fill(SIZE), 300, HEAD), 900, HEAD), 1200, TAIL)
    assert places(find(judge, data)) == [(5300, "two")]


def test_a_string_far_from_the_anchor_does_not_swallow_a_copy(judge: MemoryJudge) -> None:
    data = put(put(put(fill(SIZE), 300, HEAD), 400 + NEAR, HEAD), 500 + NEAR, TAIL)
    assert places(find(judge, data)) == [(5300, "two"), (5400 + NEAR, "two")]


def test_a_string_before_the_anchor_may_lie_outside_the_wanted_part(judge: MemoryJudge) -> None:
    data = put(put(fill(SIZE), 100, TAIL), 600_000, HEAD)
    assert places(find(judge, data, Owned(5000 + 500_000, 5000 + SIZE))) == [(605_000, "two")]
