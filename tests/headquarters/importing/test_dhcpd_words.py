from hypothesis import given
from hypothesis import strategies as st

from codered_hq.importing.dhcpd_words import MOST_WORD, MOST_WORDS, Statement, read_statements, undo_escapes


def read(text: str) -> list[Statement]:
    return list(read_statements(enumerate(text.split("\n"), 1)))


def test_statements() -> None:
    text = 'lease 10.0.0.1 {\n  starts never; # soon\n  uid "\\001a\\"b;";\n}\na\n b "x y" {c d;}}'
    assert read(text) == [
        (1, ["lease", "10.0.0.1"], "{"),
        (2, ["starts", "never"], ";"),
        (3, ["uid", '\\001a\\"b;'], ";"),
        (4, [], "}"),
        (5, ["a", "b", "x y"], "{"),
        (6, ["c", "d"], ";"),
        (6, [], "}"),
        (6, [], "}"),
    ]
    assert undo_escapes('\\001a\\"b;\\377') == '\x01a"b;\xff'
    assert read("cut off") == [(1, ["cut", "off"], "")]
    assert read("a b }") == [(1, ["a", "b"], ";"), (1, [], "}")]


def test_caps() -> None:
    assert len(read(" ".join(["w"] * 500) + ";\nx {")[0].words) == MOST_WORDS
    assert len(read("a " + "w" * 9999 + " {")[0].words[1]) == MOST_WORD
    assert read('a "' + '\\"' * 30_000)[0].words[0] == "a"  # an open quote of escapes is no work without end


@given(st.text(alphabet='lease {};"\\#\n01.', max_size=200) | st.text(max_size=200))
def test_hostile_words(text: str) -> None:
    for statement in read(text):
        assert statement.end in ("", ";", "{", "}")
        assert all(len(undo_escapes(word)) <= 4 * MOST_WORD for word in statement.words)
