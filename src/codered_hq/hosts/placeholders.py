"""What many machines say where their own number should be: it proves nothing, whoever tells it."""

import json
from functools import cache
from importlib import resources

_FILLERS = "0123456789fx"
_LEAST = 4  # times the same character: shorter ones may be somebody's own number


def is_placeholder(value: str) -> bool:
    """Whether a serial number or machine id is one that makers leave in: a word ("To be filled by O.E.M."), a known
    default, or one character again and again (all zero).
    """
    folded = _fold(value)
    one = len(set(folded)) == 1 and folded[0] in _FILLERS and (len(folded) >= _LEAST or folded[0] == "0")
    return not folded or one or folded in _read_words()


@cache
def _read_words() -> frozenset[str]:
    words = json.loads(resources.files(__package__).joinpath("placeholders.json").read_text(encoding="utf-8"))
    return frozenset(map(_fold, words))


def _fold(value: str) -> str:
    return "".join(filter(str.isalnum, value.casefold()))
