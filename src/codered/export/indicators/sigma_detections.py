"""What a Sigma rule looks for, before it is written."""

from collections.abc import Iterable
from typing import NamedTuple

from codered.model.finding import Severity

Search = dict[str, object]
"""Fields with their modifiers, and the values of which one must fit."""

_MODIFIERS = {(True, False): "endswith", (False, True): "startswith", (True, True): "contains"}


class Detection(NamedTuple):
    """Where to look, the searches with their condition, what honest things look the same, and the highest level that
    such an event may have. `what` ends the title.
    """

    what: str
    source: dict[str, str]
    searches: dict[str, object]
    doubt: str
    most_level: Severity = "critical"
    notes: tuple[str, ...] = ()


def search_field(field: str, values: Iterable[str]) -> Search:
    """One field whose text must be one of the values (`*` = anything), with a modifier where that says the same."""
    wanted = list(dict.fromkeys(values))
    shapes = {(value.startswith("*"), len(value) > 1 and value.endswith("*")) for value in wanted}
    inner = [value.removeprefix("*").removesuffix("*") for value in wanted]
    plain = all(text and "*" not in text and not text.endswith("\\") for text in inner)
    modifier = _MODIFIERS.get(next(iter(shapes)), "") if len(shapes) == 1 and plain else ""
    return {f"{field}|{modifier}": inner} if modifier else {field: wanted}
