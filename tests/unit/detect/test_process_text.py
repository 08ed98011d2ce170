"""The command line as the patterns read it."""

from codered.detect.process_text import MOST_PARTS, MOST_TEXT, is_cut, read_text
from tests.fixtures.running import make_process


def test_padding_is_one_blank() -> None:
    process = make_process(70, command=("sh", "-c", " " * 200_000 + "\n" * 9 + "x\ty\r\nz"))
    assert read_text(process) == b"sh -c x y z"


def test_no_more_is_read_than_is_collected() -> None:
    assert read_text(make_process(70, command=("x" * (MOST_TEXT + 9),))) == b"x" * MOST_TEXT


def test_names_that_are_no_text() -> None:
    assert read_text(make_process(70, command=("\udcff", "é"))) == b"\\udcff \xc3\xa9"


def test_a_cut_is_told() -> None:
    assert not is_cut(make_process(70, command=("x" * (MOST_TEXT - 2),)))
    assert is_cut(make_process(70, command=("x" * (MOST_TEXT - 1),)))
    assert not is_cut(make_process(70, command=("x",) * (MOST_PARTS - 1)))
    assert is_cut(make_process(70, command=("x",) * MOST_PARTS))
    assert not is_cut(make_process(70))
