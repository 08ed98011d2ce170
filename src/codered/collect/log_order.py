"""The files of a rotated log in the order they were written."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

_NAME = re.compile(r"(?P<stem>[^/]{0,255}?)(?:[.-](?P<number>[0-9]{1,14}))?(?P<packed>\.(?:gz|bz2|xz|zst))?\Z")
_NEVER = datetime.min.replace(tzinfo=UTC)


class LogFile(msgspec.Struct, frozen=True):
    """A log file: its path, and the time of its first line (None: not known)."""

    path: str
    first: datetime | None


def order_logs(files: Iterable[LogFile]) -> list[LogFile]:
    """Oldest first within each rotated set, the sets by name. What is in a file counts, not what it is called; only
    when a file of the set tells no time do the numbers of the names decide: `.2.gz`, then `.1`, then none; dates rise.
    """
    sets: dict[tuple[str, str], list[LogFile]] = {}
    for file in files:
        folder, _, name = file.path.rpartition("/")
        sets.setdefault((folder, _parts(name)[0]), []).append(file)
    return [file for key in sorted(sets) for file in _order_set(sets[key])]


def _order_set(files: list[LogFile]) -> list[LogFile]:
    if all(file.first is not None for file in files):
        return sorted(files, key=lambda file: (file.first or _NEVER, *_age(file.path)))
    return sorted(files, key=lambda file: _age(file.path))


def _parts(name: str) -> tuple[str, str]:
    """The name without what rotation adds, and the number it added."""
    found = _NAME.match(name)
    return (found["stem"], found["number"] or "") if found else (name, "")


def _age(path: str) -> tuple[int, int, str]:
    """Sorts by the number in the name: a date rises with time, a counter falls, no number is the newest."""
    number = _parts(path.rpartition("/")[2])[1]
    if not number:
        return (2, 0, path)
    return (0, int(number), path) if len(number) >= 6 else (1, -int(number), path)
