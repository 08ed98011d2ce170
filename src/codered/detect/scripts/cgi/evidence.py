"""What a program as a whole shows: parts of attacks on others, that no flow of data is needed to see."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

import msgspec

from codered.detect.scripts.facts import Fact
from codered.detect.scripts.flows.telling import show

MOST_READ = 300_000  # characters of a program that are looked through


@cache
def _load_evidence() -> dict[str, tuple[re.Pattern[str], ...]]:
    """Each fact with the patterns that must all be there."""
    text = resources.files("codered.detect.scripts.cgi").joinpath("evidence.json").read_bytes()
    table = msgspec.json.decode(text, type=dict[str, tuple[str, ...]])
    return {name: tuple(re.compile(word, re.IGNORECASE) for word in words) for name, words in table.items()}


def find_evidence(text: str) -> Iterator[Fact]:
    """The facts for which all patterns are found, each at the place of the last of them."""
    text = text[:MOST_READ]
    for name, words in _load_evidence().items():
        place = 0
        for word in words:
            found = word.search(text)
            if found is None:
                break
            place = found.start()
        else:
            yield Fact(name, place, show(text, place))
