"""Hostile text made readable, and the words of people for ours."""

from types import SimpleNamespace

from codered_hq.console.templatetags.crisis_words import as_lines, kind_word, shown, step_word, target_word


def test_text() -> None:
    assert shown("a\u202eb\x1b[2J\nc") == "a\\u202eb\\x1b[2J\\x0ac"
    assert shown("x" * 50, 10) == "x" * 10 + "…"
    assert as_lines("one\ntwo\x07") == ["one", "two\\x07"]


def test_words() -> None:
    assert kind_word("shut_vlan") == "shut a whole network segment"
    assert step_word("contain") == "stopping the spread"
    assert kind_word("dance_on_it") == "dance on it"


def test_what_a_decision_is_about() -> None:
    decision = SimpleNamespace(kind="disable_port", target="host #6", name="disable_port iis-nimda (host #6)")
    assert target_word(decision) == "iis-nimda (host #6)"  # type: ignore[arg-type]
    decision.name = ""
    assert target_word(decision) == "host #6"  # type: ignore[arg-type]
