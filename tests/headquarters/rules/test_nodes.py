import pytest

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import parse_document
from codered_hq.rules.nodes import MOST_ENTRIES, Node

TEXT = b"""\
word: legal
words: [legal, business]
block: {inner: yes}
long: >-
  two
  lines
"""


def make_node(raw: bytes = TEXT) -> Node:
    document = parse_document(raw, "f.yaml")
    return Node(document, (), document.value)


def test_what_stands_where() -> None:
    keys = make_node().block()
    assert keys["word"].words(("legal",), "role") == ("legal",)
    assert keys["words"].words(("legal", "business"), "role") == ("legal", "business")
    assert keys["block"].block()["inner"].is_yes()
    assert keys["block"].block()["inner"].line == 3
    assert keys["long"].text() == "two lines"
    assert (make_node().called, keys["word"].called) == ("the file", "`word`")


def test_places_are_named_by_line_and_a_key_by_its_own() -> None:
    node = make_node()
    assert str(node.refuse("what", "how", "block")) == "f.yaml:3: what — how"
    with pytest.raises(WrongUse, match=r"^f.yaml:2: no role is called 'business' — there are: legal$"):
        node.block()["words"].words(("legal",), "role")
    with pytest.raises(WrongUse, match=r"^f.yaml:4: unknown key `long` — there are: word, words, block$"):
        node.keys(("word", "words", "block"))


def test_lists_and_blocks_have_an_end() -> None:
    many = ", ".join(f"k{number}: v" for number in range(MOST_ENTRIES + 1))
    with pytest.raises(WrongUse, match="more than 500 keys"):
        make_node(b"{" + many.encode() + b"}").block()
    with pytest.raises(WrongUse, match="more than 500 entries"):
        make_node(b"[" + b"v, " * 501 + b"]").entries()


def test_hostile_words_are_shown_short_and_escaped() -> None:
    with pytest.raises(WrongUse) as refused:
        make_node(b'"\\e[31m' + b"x" * 200 + b'"').word(("legal",), "role")
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize("escape", ["\\u202e", "\\e", "\\u2066", "\\0", "\\x7f", "\\u200b"])
def test_what_is_not_seen_is_refused_with_its_line(escape: str) -> None:
    raw = f'seen: x\nhidden: "it {escape}is"\n'.encode()
    with pytest.raises(WrongUse, match=r"^f.yaml:2: `hidden` holds U\+[0-9A-F]{4}, which is not seen"):
        make_node(raw).block()["hidden"].text()
