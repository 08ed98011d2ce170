from pathlib import Path

from codered_hq.rules.samples import read_sample
from tests.fixtures.saying import Say

WORDS = ("show", "card", "check", "test", "diff", "explain", "sign", "use")


def test_every_word_says_what_it_does(say: Say) -> None:
    told = say("rules", "--help")
    assert told.code == 0
    for word in WORDS:
        assert f" {word} " in told.out
        assert say("rules", word, "--help").code == 0
    assert say("rules", "shwo").code == 2


def test_a_file_needs_no_headquarters(say: Say, headquarters: Path, tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(read_sample())
    for words in (("check", path), ("test", path), ("show", path), ("card", path), ("diff", path, path)):
        assert say("rules", *words).code == 0
    assert say("rules", "explain", "scan", "--rules", path).code == 0
    assert not headquarters.exists()
