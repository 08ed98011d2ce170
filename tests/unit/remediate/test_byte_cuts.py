import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.remediate.byte_cuts import Cut, make_line_changes
from codered.remediate.lines import change_lines, split_lines


def cut_out(data: bytes, *cuts: Cut) -> bytes:
    return change_lines(data, make_line_changes(split_lines(data), cuts))


def at(data: bytes, part: bytes, becomes: bytes = b"") -> Cut:
    start = data.index(part)
    return Cut(start, start + len(part), becomes)


def test_lines_of_which_nothing_is_left_go_and_others_keep_the_rest() -> None:
    data = b"<a>\r\n  <b\r\n x='1'/>\r\n<c/><d/>\r\n</a>"
    assert cut_out(data, at(data, b"<b\r\n x='1'/>")) == b"<a>\r\n<c/><d/>\r\n</a>"
    assert cut_out(data, at(data, b"<c/>")) == b"<a>\r\n  <b\r\n x='1'/>\r\n<d/>\r\n</a>"
    assert cut_out(data, at(data, b"<c/>"), at(data, b"<d/>")) == b"<a>\r\n  <b\r\n x='1'/>\r\n</a>"
    assert cut_out(data, at(data, b"x='1'", b"y='2'")) == data.replace(b"x='1'", b"y='2'")
    assert cut_out(data, at(data, b"\n</a>")) == b"<a>\r\n  <b\r\n x='1'/>\r\n<c/><d/>\r", "the last line has no end"


def test_cuts_that_share_lines_are_made_together() -> None:
    data = b"one <x\n/> two <y\n/> three\nfour\n"
    assert cut_out(data, at(data, b"<x\n/>"), at(data, b"<y\n/>")) == b"one  two  three\nfour\n"
    assert cut_out(data, at(data, b"<x\n/> two <y\n/>"), at(data, b"<y\n/>")) == b"one  three\nfour\n", "one in another"
    assert cut_out(data, at(data, b"<x\n/> two"), at(data, b"two <y\n/>")) == b"one  three\nfour\n", "as one"
    assert cut_out(data, at(data, b" <x\n")) == b"one/> two <y\n/> three\nfour\n", "a line's end goes too"
    assert cut_out(data, at(data, b"two <y\n", b"2")) == b"one <x\n/> 2/> three\nfour\n"
    changes = make_line_changes(split_lines(data), [at(data, b"<x\n/>"), at(data, b"four")])
    assert [(change.line, change.becomes) for change in changes] == [(1, None), (2, b"one  two <y"), (4, None)]


def test_changes_that_contradict_each_other_are_refused() -> None:
    data = b"abcdef\n"
    for cuts in ((Cut(0, 3), Cut(2, 5, b"z")), (Cut(0, 3, b"x"), Cut(0, 3, b"y")), (Cut(0, 4, b"x"), Cut(1, 2))):
        with pytest.raises(ValueError, match="same bytes"):
            make_line_changes(split_lines(data), cuts)


def test_utf16_keeps_its_characters_whole() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        text = "<a>\r\n  <b/>\r\n  <c/> <d/>\r\n</a>\r\n"
        data = text.encode(encoding)
        made = cut_out(data, at(data, "<b/>".encode(encoding)), at(data, "<d/>".encode(encoding)))
        assert made.decode(encoding) == "<a>\r\n  <c/> \r\n</a>\r\n"


@given(
    st.text("ab \n\r<", max_size=60).map(str.encode),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20), st.binary(max_size=3)), max_size=4),
)
def test_nothing_but_what_is_cut_and_blanks_of_empty_lines_is_lost(
    data: bytes, wanted: list[tuple[int, int, bytes]]
) -> None:
    cuts, last = [], 0
    for start, length, becomes in sorted(wanted):
        if start >= last and start + length <= len(data):
            cuts.append(Cut(start, start + length, becomes.replace(b"\n", b"")))
            last = start + length
    plain, shift = data, 0
    for cut in cuts:
        plain = plain[: cut.start + shift] + cut.becomes + plain[cut.end + shift :]
        shift += len(cut.becomes) - (cut.end - cut.start)
    made = cut_out(data, *cuts)
    kept = [[line for line in text.split(b"\n") if line.strip()] for text in (made, plain)]
    assert kept[0] == kept[1]
    assert len(made) <= len(plain) + 1, "the last line's end stays"
