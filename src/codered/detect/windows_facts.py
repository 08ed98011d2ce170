"""The facts of a Windows autostart entry that its collector can't know: what the places and names mean that it runs.

From the collectors: `win-missing` (the file is not there), `win-relative` (named without a path), `win-planted-before`
(an unquoted path, and a program lies where Windows looks first), `win-default` (as on every clean system), and those of
single kinds. From here: where what it runs lies (`win-in-…`), `win-imitates-system`, `win-changed-late`.
"""

import fnmatch
import re
from datetime import datetime, timedelta

from codered.model.heuristics import Heuristics
from codered.model.persistence import Autostart

PLACES = {
    "win-in-temp": "windows-temp-places",
    "win-in-recycler": "windows-recyclers",
    "win-in-public": "windows-public-places",
    "win-in-profile": "windows-profile-places",
    "win-in-web-root": "windows-web-roots",
}
ANY = "win-entry"  # of every entry that is not as on a clean system
LATE = timedelta(days=14)
_SYSTEM_NAMES = "windows-system-names"
_SYSTEM_PLACES = "windows-system-places"
_SCRIPT_HOSTS = "windows-script-hosts"
_ACCESSIBLE = "windows-logon-programs"
_ROOT_MARK = "%systemroot%"
_USUAL_ROOTS = ("?:\\windows", "?:\\winnt")
_ON_ROOT = re.compile(r"[a-z]:\\[^\\]+", re.IGNORECASE)


class WindowsFacts:
    """Finds the facts of entries of one system. `root` is its folder (`C:\\WINNT`), "" = not known."""

    def __init__(
        self, heuristics: Heuristics, entries: tuple[Autostart, ...], installed: datetime | None, root: str = ""
    ) -> None:
        self._lists = heuristics.lists
        roots = (f"?:{_escape(root[2:].lower())}",) if root[1:3] == ":\\" and root[3:] else _USUAL_ROOTS
        self._places = {name: _fill_in(self._lists.get(name, ()), roots) for name in (*PLACES.values(), _SYSTEM_PLACES)}
        times = [entry.changed for entry in entries if entry.changed is not None and entry.registry]
        self._late = max(times) - LATE if times and installed is not None else None
        if self._late is not None and installed is not None:
            self._late = max(self._late, installed + LATE)

    def find(self, entry: Autostart) -> frozenset[str]:
        """All facts of the entry but those of its text."""
        found = {*entry.facts, ANY}
        for name in entry.runs:
            found |= self.find_of_name(name)
        if self._late is not None and entry.changed is not None and entry.changed > self._late:
            found.add("win-changed-late")
        if entry.kind == "ifeo" and entry.entry.lower() in self._lists.get(_ACCESSIBLE, ()):
            found.add("win-at-logon-screen")
        return frozenset(found)

    def find_of_name(self, name: str) -> set[str]:
        """What the place and name of one file mean."""
        path = name.lower()
        found = {fact for fact, places in PLACES.items() if self._lies_in(path, places)}
        if _ON_ROOT.fullmatch(path):
            found.add("win-in-drive-root")
        if path.startswith("\\\\"):
            found.add("win-in-share")
        if path[1:3] == ":\\" and ":" in path[3:]:
            found.add("win-in-stream")
        base = path.rpartition("\\")[2]
        stem = base if "." in base else f"{base}.exe"
        if stem in self._lists.get(_SYSTEM_NAMES, ()) and "\\" in path and not self._lies_in(path, _SYSTEM_PLACES):
            found.add("win-imitates-system")
        if stem in self._lists.get(_SCRIPT_HOSTS, ()):
            found.add("win-script-host")
        return found

    def is_odd_place(self, name: str) -> bool:
        """Whether a file lies where programs of the system or an administrator do not lie."""
        odd = self.find_of_name(name) - {"win-script-host", "win-in-profile", "win-in-web-root"}
        return bool(odd - {"win-in-share"})

    def _lies_in(self, path: str, places: str) -> bool:
        return any(fnmatch.fnmatchcase(path, pattern) for pattern in self._places[places])


def _fill_in(patterns: tuple[str, ...], roots: tuple[str, ...]) -> tuple[str, ...]:
    """The patterns with the folder of the system in them."""
    return tuple(
        pattern.replace(_ROOT_MARK, root)
        for pattern in patterns
        for root in (roots if _ROOT_MARK in pattern else ("",))
    )


def _escape(text: str) -> str:
    """A name from the registry, which may hold anything, as itself in a pattern."""
    return re.sub(r"([*?[])", r"[\1]", text)
