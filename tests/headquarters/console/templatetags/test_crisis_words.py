"""Hostile text made readable, and the words of people for ours."""

from codered_hq.console.templatetags.crisis_words import as_lines, kind_word, shown, step_word


def test_text() -> None:
    assert shown("a\u202eb\x1b[2J\nc") == "a\\u202eb\\x1b[2J\\x0ac"
    assert shown("x" * 50, 10) == "x" * 10 + "…"
    assert as_lines("one\ntwo\x07") == ["one", "two\\x07"]


def test_words() -> None:
    assert kind_word("shut_vlan") == "shut a whole network segment"
    assert step_word("contain") == "stopping the spread"
    assert kind_word("dance_on_it") == "dance on it"
