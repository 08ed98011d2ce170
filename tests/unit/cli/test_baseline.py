from tests.fixtures.saying import Say


def test_its_words_and_what_signing_is_good_for(say: Say) -> None:
    answer = say("baseline", "--help")
    assert answer.code == 0
    for word in ("create", "compare", "list", "sign"):
        assert word in answer.out
    assert "root can use it" in " ".join(answer.out.replace("│", " ").split()) or "use the key" in answer.out
    for word in ("create", "compare", "sign"):
        assert say("baseline", word, "--help").code == 0
