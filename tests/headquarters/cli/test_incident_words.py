"""The words of `codered incident` about messages, rumours and lessons."""

from tests.fixtures.saying import Say


def test_every_word_has_help(say: Say) -> None:
    for group, words in (
        ("message", ("approve", "withdraw", "send", "list")), ("rumour", ("add", "check", "list")),
        ("lessons", ("add", "change", "close", "list")),
    ):  # fmt: skip
        shown = say("incident", group, "--help")
        assert (shown.code, [word for word in words if word not in shown.out]) == (0, []), group
    wrong = (("treat", "x"), ("evidence", "x"), ("handover",), ("notify",), ("message", "approve", "0"))
    for said in wrong:
        assert say("incident", *said).code == 2, said
