"""The facts of an autostart entry that its collector can't know: how new it is, and what the places it names mean.

Of every kind: `unowned`, `package-changed`, `conffile-changed` (whose the file is), `recent` (changed lately, and not
with the installation), `command-in-temp`, `names-temp`, `hidden-path`, `hidden-entry` (what it runs and its name),
`runs-found` (what it runs is found itself). From the collectors: `command-missing`, `command-unowned`,
`executable-world-writable`, `preload-unowned`, `world-writable`, `owner-not-root`, `does-not-parse`, and those of
single kinds.
"""

from collections.abc import Iterator
from datetime import datetime

from codered.detect.recency import find_since
from codered.model.heuristics import Heuristics
from codered.model.persistence import Autostart, Origin

TEMP_PLACES = "autostart-temp-places"
KNOWN_HIDDEN = "autostart-known-hidden"
RUNS_FOUND = "runs-found"
CUT = "text-cut"  # of a file: its text is not all of it; of a line: the line is not
_OF_ORIGIN: dict[Origin, str] = {
    "foreign": "unowned", "changed": "package-changed", "conffile": "conffile-changed",
}  # fmt: skip
_OWN_DOT_FILES = ("profile", "git_hook", "php", "web_drop_in")  # kinds whose files are called so


class FactFinder:
    """Finds the facts of entries of one system."""

    def __init__(self, heuristics: Heuristics, installed: datetime | None, now: datetime) -> None:
        self._since = find_since(installed, now, heuristics.recent_days)
        self._temp = heuristics.lists.get(TEMP_PLACES, ())
        self._known_hidden = frozenset(heuristics.lists.get(KNOWN_HIDDEN, ()))

    def find(self, entry: Autostart) -> frozenset[str]:
        """All facts of the entry but those of its text."""
        found = set(entry.facts)
        if entry.origin in _OF_ORIGIN:
            found.add(_OF_ORIGIN[entry.origin])
        if entry.changed is not None and entry.changed > self._since:
            found.add("recent")
        if any(name.startswith(self._temp) for name in entry.runs):
            found.add("command-in-temp")
        elif any(place in entry.command for place in self._temp):
            found.add("names-temp")
        if any(self._is_hidden(name) for name in entry.runs):
            found.add("hidden-path")
        if entry.kind not in _OWN_DOT_FILES and self._is_hidden("/" + entry.system_path().rpartition("/")[2]):
            found.add("hidden-entry")
        return frozenset(found)

    def is_odd_place(self, path: str) -> bool:
        """Whether the path lies where anybody may put files, or where files are hidden: no place for a program."""
        return path.startswith(self._temp) or self._is_hidden(path)

    def _is_hidden(self, path: str) -> bool:
        parts = path.split("/")[1:]
        return any(part[:1] == "." and part.strip(".") and part not in self._known_hidden for part in parts)


def split_lines(entry: Autostart) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that say something, numbered from 1."""
    for number, line in enumerate(entry.text.split(b"\n"), 1):
        text = line.strip()
        if text and not text.startswith(b"#"):
            yield number, line


def narrow_to_line(entry: Autostart, number: int, line: bytes) -> Autostart:
    """One line of a file as an entry of its own: with what it names of all that the file runs."""
    of_file = {"executable-world-writable", "command-missing", "command-unowned"}
    if number <= entry.text.count(b"\n"):
        of_file.add(CUT)  # only the last line of a text can be cut
    runs = tuple(name for name in entry.runs if name.encode() in line)
    command = line.decode(errors="backslashreplace")
    return Autostart(
        kind=entry.kind, path=entry.path, shown=entry.shown, entry=entry.entry, command=command, user=entry.user,
        line=number, text=line, sha256=entry.sha256, size=entry.size, mode=entry.mode, uid=entry.uid,
        origin=entry.origin, package=entry.package, changed=entry.changed, links=entry.links, runs=runs,
        facts=entry.facts - of_file,
    )  # fmt: skip
