"""How words about incidents begin: headquarters is open, drills are marked, the incident that is meant is known."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import rich_click as click

from codered.cli.lengths import parse_length
from codered.cli.output import show
from codered.export.writing.escaping import printable
from codered.model.errors import WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.speaking import find_speaker
from codered_hq.cli.tables import count, draw_table

if TYPE_CHECKING:
    from codered_hq.incidents.models import Incident
    from codered_hq.incidents.people import Speaker
    from codered_hq.opening import Headquarters


class Listing(NamedTuple):
    """All of one kind that an incident has: the format of their document, what one is called, and their table."""

    format: str
    noun: str
    views: Sequence[object]
    titles: Sequence[str]
    rows: Iterable[Sequence[str]]


def enter_marked() -> "Headquarters":
    """Open headquarters, and say in red which drills are under way. Raises WrongUse."""
    entered = enter_headquarters()
    from codered_hq.incidents.current import find_open_drills

    for name in find_open_drills():
        click.secho(f"DRILL: {printable(name)} is a drill, nothing real may be changed for it", fg="red", err=True)
    return entered


def begin_writing(given: dict[str, Any]) -> tuple["Incident", "Speaker", datetime]:
    """The open incident that is meant, who speaks, and the time. Raises WrongUse and Refused."""
    enter_marked()
    from codered_hq.incidents.current import find_open_incident

    return find_open_incident(given.get("incident", "")), find_speaker(given), datetime.now(UTC)


def begin_reading(name: str) -> tuple["Incident", datetime]:
    """The incident that is meant, open or closed, and the time. Raises WrongUse."""
    enter_marked()
    from codered_hq.incidents.current import find_incident

    return find_incident(name), datetime.now(UTC)


def show_document(document: object) -> None:
    """One JSON document on stdout."""
    show(msgspec.json.encode(document).decode() + "\n")


def answer(given: dict[str, Any], document: object, text: str) -> None:
    """What came of a word: the document with --json, else a line."""
    if given.get("as_json"):
        show_document(document)
    else:
        show(f"{printable(text)}\n")


def show_all(given: dict[str, Any], incident: "Incident", listing: Listing) -> None:
    """The document with --json, else the table and how many there are."""
    if given["as_json"]:
        head = {"format": listing.format, "incident": incident.name}
        show_document({**head, f"{listing.noun}s": listing.views})
        return
    table = draw_table(listing.titles, listing.rows) if listing.views else ""
    show(f"{table}{printable(name_incident(incident))}: {count(len(listing.views), listing.noun)}\n")


def name_incident(incident: "Incident") -> str:
    """Its name, with the mark of a drill."""
    return f"{incident.name} [DRILL]" if incident.drill else incident.name


def read_moment(text: str, option: str, now: datetime) -> datetime | None:
    """A length of time from now (30m, 8h, 7d) or a date (UTC); "" = none. Raises WrongUse."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now + timedelta(seconds=parse_length(text, option))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def read_text(said: str, path: str, option: str) -> str:
    """A text that was said, or the file that holds it. Raises WrongUse for both or none."""
    from pathlib import Path

    from codered.packs.strict_yaml import read_bytes

    if bool(said) == bool(path):
        raise WrongUse("give one of the two", where=f"{option} --file", advice="a text, or the file that holds it")
    if said:
        return said
    try:
        return read_bytes(Path(path)).decode()
    except UnicodeDecodeError:
        raise WrongUse("is no text in UTF-8", where=path, advice="save it as UTF-8") from None
