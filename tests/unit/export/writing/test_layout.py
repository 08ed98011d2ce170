from hypothesis import given
from hypothesis import strategies as st

from codered.export.writing.escaping import printable
from codered.export.writing.layout import WIDTH, Column, clip, lay_out_table, measure, wrap

shown = st.text(st.characters(), max_size=300).map(printable)


def test_wide_characters_count_twice() -> None:
    assert measure("abc") == 3
    assert measure("界界") == 4
    assert measure("é×…") == 3


def test_clip() -> None:
    assert clip("abcdef", 6) == "abcdef"
    assert clip("abcdefg", 6) == "abcde…"
    assert clip("界界界", 5) == "界界…"


def test_words_stay_whole() -> None:
    assert wrap("aa bb cc dd", first="- ", rest="  ", width=8) == ["- aa bb", "  cc dd"]


def test_a_word_longer_than_a_line_is_cut_and_nothing_is_lost() -> None:
    lines = wrap("x" * 25, first="1) ", rest="   ", width=10)
    assert all(len(line) <= 10 for line in lines)
    assert "".join(line[3:] for line in lines) == "x" * 25


@given(text=shown, first=st.sampled_from(["", "  - "]))
def test_wrapped_lines_fit(text: str, first: str) -> None:
    lines = wrap(text, first=first, rest="    ")
    assert all(measure(line) <= WIDTH for line in lines)
    assert "".join("".join(lines).split()) == "".join((first + text).split())


COLUMNS = (
    Column("address", 15),
    Column("threat", 60, least=10),
    Column("requests", 9, "right"),
    Column("answers", 60, least=9),
)


def test_table() -> None:
    assert lay_out_table(COLUMNS, [("10.0.0.1", "Nimda", "7", "404 ×7")]) == [
        "  address   threat  requests  answers",
        "  --------  ------  --------  -------",
        "  10.0.0.1  Nimda          7  404 ×7",
    ]


def test_first_cell_that_does_not_fit_gets_its_own_line() -> None:
    lines = lay_out_table(COLUMNS, [("2001:db8:1234:5678:9abc:def0:1234:5678", "Nimda", "7", "")])
    assert lines[2:] == ["  2001:db8:1234:5678:9abc:def0:1234:5678", " " * 19 + "Nimda          7"]


@given(rows=st.lists(st.tuples(shown, shown, shown, shown), max_size=4))
def test_tables_fit(rows: list[tuple[str, str, str, str]]) -> None:
    assert all(measure(line) <= WIDTH for line in lay_out_table(COLUMNS, rows))
