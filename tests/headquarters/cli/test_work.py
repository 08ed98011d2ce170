"""`codered work` tells what it does."""

from tests.fixtures.saying import Say


def test_help(say: Say) -> None:
    done = say("work", "--help")
    assert (done.code, "--once" in done.out, "--every" in done.out) == (0, True, True)
