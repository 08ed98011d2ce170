import pytest

from tests.fixtures.saying import Say


@pytest.mark.parametrize("word", ["init", "rotate", "refresh", "set"])
def test_every_word_needs_a_repository_and_keys(say: Say, word: str) -> None:
    told = say("packs", "publish", word, "--help").out
    assert all(option in told for option in ("--to", "--keys", "--passphrase-file", "--expires-days", "--json"))
    assert say("packs", "publish", word).code == 2


def test_what_is_no_word_is_a_folder(say: Say) -> None:
    told = say("packs", "publish", "--help").out
    assert all(word in told for word in ("init", "rotate", "refresh"))
    answer = say("packs", "publish", "no-folder", "--to", "r", "--keys", "k")
    assert answer.code == 2
    assert "neither a pack nor a folder of packs" in answer.err
    assert "nothing to publish" in say("packs", "publish", "--to", "r", "--keys", "k").err
