import re

from codered.authoring.words import load_words, tell_personal


def test_the_tables_compile() -> None:
    words = load_words()
    for item in (*words.personal, *words.telling):
        assert re.compile(item.pattern)
        assert item.why
    assert all(map(re.compile, (*words.attacks, words.everyday_agents)))


def test_no_table_takes_long_on_a_hostile_string() -> None:
    hostile = ["Aa " + "a" * 60 + "1", "a" * 63 + "@", "/" * 64, "a." * 32 + "!", "A" * 64]
    words = load_words()
    for item in (*words.personal, *words.telling):
        assert not any(re.fullmatch(item.pattern, text) for text in hostile)


def test_personal_things_are_told() -> None:
    assert tell_personal("mail to jo.doe@example.org now") == "an e-mail address"
    assert tell_personal("C:\\Users\\jo\\x.pdb") == "the home of a user"
    assert tell_personal("/home/jo/src/x.c") == "the home of a user"
    assert tell_personal("password=zork") == "perhaps a password"
    assert tell_personal("ZorkWorm.spreadOnce") == ""
