import re
from pathlib import Path

from codered.cli.packs import WORDS
from tests.fixtures.saying import Say


def test_the_words_are_told_and_others_refused(say: Say) -> None:
    told = say("packs", "--help").out
    assert all(word in told for word in WORDS)
    assert say("packs", "nothing").code == 2


def test_every_word_is_told_in_readme_or_docs() -> None:
    top = Path(__file__).parents[4]
    pages = "\n".join(page.read_text() for page in (top / "README.md", *sorted((top / "docs").glob("*.md"))))
    assert [word for word in (*WORDS, "juggle") if not re.search(rf"\bpacks {word}\b", pages)] == ["juggle"]
