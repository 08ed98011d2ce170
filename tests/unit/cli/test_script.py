from codered.model.errors import ExitCode
from tests.fixtures.saying import Say


def test_the_word_tells_its_options(say: Say) -> None:
    answer = say("script", "--help")
    assert answer.code == ExitCode.CLEAN
    for option in ("--for", "--prebuilt", "--check", "--packs", "--output"):
        assert option in answer.out
    assert say("script", "--prebuilt", "iis99").code == ExitCode.WRONG_USE
