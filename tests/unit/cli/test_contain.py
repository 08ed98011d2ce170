import pytest

from codered.model.errors import ExitCode
from tests.fixtures.saying import Say


def test_it_says_what_it_can_do(say: Say) -> None:
    answer = say("contain", "--help")
    assert answer.code == 0
    for word in ("on", "off", "status", "confirm", "suggest", "--auto"):
        assert word in answer.out
    assert "keep " not in answer.out.replace("keep your", "")


@pytest.mark.parametrize(
    "words",
    [
        (), ("--cap", "3"), ("--auto", "status"), ("on", "--isolate", "--block", "80"), ("on", "--block", "x"),
        ("on", "--throttle", "fast"), ("on", "--allow", "nowhere"), ("on", "--pack", "no-such-pack"),
        ("on", "--freeze", "x"), ("status", "../x"), ("off", "contain-of-nobody"), ("confirm",),
        ("confirm", "A"), ("keep", "contain-of-nobody"), ("no-such-word",), ("--auto", "--for", "soon"),
        ("--auto", "--undo-after", "0s"), ("--auto", "--cap", "0"),
    ],
)  # fmt: skip
def test_wrong_words_change_nothing_and_say_why(say: Say, words: tuple[str, ...]) -> None:
    """None of these reaches the firewall."""
    answer = say("contain", *words, *(("--dry-run",) if words[:1] == ("on",) else ()))
    assert (answer.code, bool(answer.err)) == (ExitCode.WRONG_USE, True)


def test_where_nothing_is_contained_all_is_well(say: Say) -> None:
    answer = say("contain", "status")
    assert (answer.code, answer.err) == (0, "codered: nothing is contained\n")
    assert say("contain", "off").code == 0
