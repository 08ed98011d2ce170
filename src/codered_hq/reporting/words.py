"""Words for people: what a kind of action, a step, a state is called, and how times and counts are written."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import msgspec

from codered.export.writing.escaping import printable
from codered_hq.model.crisis import Tlp
from codered_hq.reporting.document import StatusReport

FIVE = ("infected", "contained", "verified", "not_reached", "awaiting")
"""The five numbers, in their order."""
MOST_WORD = 40  # characters of one that is not ours
Shelf = Literal["kinds", "steps", "states", "numbers", "severities"]


def name_word(shelf: Shelf, word: str) -> str:
    """What people call it; a word that is not known stays as it is, but for its length."""
    return _read_words()[shelf].get(word) or cut(word.replace("_", " "), MOST_WORD)


def name_number(name: str, status: StatusReport) -> str:
    """What one of the five numbers is called: nobody can say more than what is known."""
    told = name_word("numbers", name)
    return f"known {told}" if name == "infected" and not_looked_at(status) else told


def tell_number(name: str, status: StatusReport) -> str:
    """What must be known of one of the five numbers, lest it be misread; "" = nothing."""
    numbers = status.numbers
    if name == "infected":
        return not_looked_at(status)
    if name == "contained" and numbers.contained > numbers.contained_infected:
        told = f"{numbers.contained_infected:,} of {numbers.contained:,} contained were found infected"
        return told + (f", {numbers.contained_suspect:,} suspected" if numbers.contained_suspect else "")
    return ""


def not_looked_at(status: StatusReport) -> str:
    """How many hosts may be anything; "" = none."""
    numbers = status.numbers
    if not numbers.hosts:
        return "nothing was looked at"
    return (
        f"{numbers.not_reached:,} of {tell_count(numbers.hosts, 'host')} not looked at" if numbers.not_reached else ""
    )


def tell_time(at: datetime | None) -> str:
    """A time in UTC to the minute; "not known" for none."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "not known"


def tell_moment(at: datetime | None) -> str:
    """The same where a heading says UTC."""
    return tell_time(at).removesuffix(" UTC")


def tell_roles(roles: tuple[str, ...]) -> str:
    """Roles in words; "nobody" for none."""
    return ", ".join(cut(role.replace("_", " "), MOST_WORD) for role in roles) or "nobody"


def tell_count(number: int, noun: str) -> str:
    """1 host, 2,000 hosts."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def cut(text: str, most: int) -> str:
    """One line of at most so many characters, … where something is missing."""
    line = " ".join(text[: most * 4].split())
    return printable(line if len(line) <= most and len(text) <= most * 4 else line[: most - 1] + "…")


def mark_tlp(status: StatusReport) -> str:
    """The traffic light as it is printed; whatever is not known is taken for the strictest."""
    return f"TLP:{status.tlp if status.tlp in get_args(Tlp) else 'RED'}"


def tell_reached(status: StatusReport) -> str:
    """What is not known, in a sentence. Nothing in it is called clean."""
    numbers = status.numbers
    if not numbers.hosts and not numbers.addresses:
        return "The inventory is empty: nothing was looked at, so nothing is known to be clean."
    told = [
        f"{tell_count(numbers.not_reached, 'host')} of {numbers.hosts:,} not reached",
        f"{tell_count(numbers.partly, 'host')} looked at in part only" if numbers.partly else "",
        f"{numbers.not_covered:,} of {tell_count(numbers.addresses, 'address')}".replace("addresss", "addresses")
        + f" not covered by sweeps, in {tell_count(status.gaps_of, 'subnet')}",
    ]
    rest = (
        "" if not (numbers.not_reached or numbers.not_covered or numbers.partly) else "; none of them counts as clean"
    )
    return "; ".join(filter(None, told)) + rest + "."


@cache
def _read_words() -> Mapping[str, Mapping[str, str]]:
    raw = files("codered_hq.reporting").joinpath("words.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, dict[str, str]])
