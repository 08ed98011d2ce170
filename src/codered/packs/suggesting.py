"""What a misspelt word was probably meant to be."""

import difflib


def suggest(word: str, known: list[str]) -> str:
    """The advice for an unknown word: "did you mean `x`?" for a near miss, else the known words."""
    if near := find_nearest(word, known):
        return f"did you mean `{near}`?"
    return f"there are: {', '.join(known[:20])}" if known else "there are none"


def find_nearest(word: str, known: list[str]) -> str | None:
    """The known word most like this one, if any is like it. Only the first 100 characters of a word count."""
    near = difflib.get_close_matches(word[:100], known, n=1, cutoff=0.6)
    return near[0] if near else None
