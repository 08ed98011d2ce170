"""The words of `codered incident roster`."""

from tests.fixtures.saying import Say


def test_every_word_has_help(say: Say) -> None:
    shown = say("incident", "roster", "--help")
    words = ("show", "add", "backup", "remove", "test", "reached", "call", "commandeer")
    assert (shown.code, [word for word in words if word not in shown.out]) == (0, [])
    assert say("incident", "roster", "add", "x", "--role", "king").code == 2
