from codered.detect.scripts.java.tokens import MOST_TOKENS, read_literal, read_tokens


def test_words_kinds_and_brackets() -> None:
    tokens = read_tokens('a /* no */ = f("x)", 0x1F); // no\n{ b [1] }')
    assert tokens.texts == ["a", "=", "f", "(", '"x)"', ",", "0x1F", ")", ";", "{", "b", "[", "1", "]", "}", ""]
    assert tokens.partners == {3: 7, 9: 14, 11: 13}
    assert tokens.kinds[4:7] == ["text", "sign", "number"]


def test_open_brackets_end_with_their_braces_or_the_code() -> None:
    assert read_tokens("{ ( } (").partners == {1: 2, 0: 2, 3: 4}
    assert len(read_tokens("a " * (MOST_TOKENS + 10)).texts) == MOST_TOKENS + 1


def test_literals() -> None:
    assert read_literal('"a\\n\\101\\""') == 'a\nA"'
    assert read_literal('"open') == "open"
