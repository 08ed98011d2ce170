from tests.fixtures.saying import Say


def test_the_word_tells_its_options_and_refuses_others(say: Say) -> None:
    told = say("packs", "update", "--help").out
    assert all(option in told for option in ("--from", "--check", "--back", "--again", "--json"))
    assert say("packs", "update", "one", "two").code == 2
    assert say("packs", "update", "--back", "--again").code == 2
