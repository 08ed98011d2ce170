from codered.cli.packs import WORDS
from tests.unit.cli.conftest import Say


def test_the_words_are_told_and_others_refused(say: Say) -> None:
    told = say("packs", "--help").out
    assert all(word in told for word in WORDS)
    assert say("packs", "nothing").code == 2
