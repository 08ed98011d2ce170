from hypothesis import given
from hypothesis import strategies as st

from codered.authoring.orders import Mark
from codered.authoring.runs import LEAST, LONGEST, cut_run, find_runs, find_words, holds, list_goodware


def test_plain_and_wide_strings_are_found_with_their_ends() -> None:
    data = b"\x01first-string\0\x02second-string\x01" + "Global\\third".encode("utf-16le") + b"\0\0"
    assert find_runs(data) == {
        (b"first-string", False): True,
        (b"second-string", False): False,
        (b"Global\\third", True): True,
    }


def test_the_end_of_a_plain_string_is_no_letter_of_the_wide_one_behind_it() -> None:
    assert (b"WideName", True) in find_runs(b"\x01plain-text\0" + "WideName".encode("utf-16le") + b"\0\0")


def test_many_plain_strings_leave_room_for_wide_ones() -> None:
    data = b"\0".join(b"string-%d" % number for number in range(50)) + b"\0" + "WideName".encode("utf-16le") + b"\0\0"
    found = find_runs(data, 10)
    assert len(found) == 11
    assert (b"WideName", True) in found


def test_long_runs_are_cut_into_words() -> None:
    run = b"call('zork_dispatch', $zork_key) " * 3
    assert set(cut_run(run)) == {b"zork_dispatch", b"$zork_key"}
    assert find_words(b"$zork_key + short") == [b"zork_key"]
    assert b"zork_dispatch" in list_goodware(b"\0" + run + b"\0")


@given(st.binary(max_size=400))
def test_every_run_stands_in_the_data(data: bytes) -> None:
    for (text, wide), ended in find_runs(data).items():
        mark = Mark(text, wide)
        assert holds(mark, data)
        assert LEAST <= len(text) <= LONGEST
        assert not ended or mark.form() + (b"\0\0" if wide else b"\0") in data


@given(st.binary(max_size=50), st.text("abcdefgh_/.", min_size=LEAST, max_size=LONGEST), st.binary(max_size=50))
def test_a_string_between_nuls_is_always_found(before: bytes, text: str, behind: bytes) -> None:
    assert find_runs(before + b"\0" + text.encode() + b"\0" + behind)[text.encode(), False]
