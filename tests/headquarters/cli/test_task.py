"""The words of `codered task`."""

from tests.fixtures.saying import Say


def test_every_word_has_help(say: Say) -> None:
    shown = say("task", "--help")
    words = ("next", "claim", "add", "block", "done", "drop", "list", "take-over")
    assert (shown.code, [word for word in words if word not in shown.out]) == (0, [])
    assert (say("task", "block", "1").code, say("task", "add", "x", "--action", "y", "--priority", "0").code) == (2, 2)
