"""New scripts in the folders a web server serves, of which somebody may have planted one."""

import time
from collections.abc import Iterator

from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.reading import Entry, Reader, SmallFile, as_text
from codered.collect.packages import PackageDatabase
from codered.collect.walking import Unwalked
from codered.model.persistence import Autostart

WEB_SCRIPT = "web-script"
NEW = 60 * 86_400  # seconds: a site has many files, so only what changed lately is read
MOST_ASKED = 50_000  # scripts whose age is asked
MOST_READ = 10_000
MOST_BYTES = 64 << 10  # of one
_ENDINGS = known_names("web-script-endings")
_MARKS = known_names("web-script-marks")
_USUAL = known_names("usual-script-endings")
_SERVED = frozenset(known_names("served-folder-names"))


class WebScripts:
    """Looks at one file after the other, as many as there is time for; what is left out is said once."""

    def __init__(self, reader: Reader, packages: PackageDatabase) -> None:
        self._reader = reader
        self._packages = packages
        self._since = time.time() - NEW
        self._asked = 0
        self._read = 0
        self._told = False

    def check(self, file: Entry) -> Iterator[Autostart]:
        """The entry of a script that is new, of no package, and takes something from its visitors or the network."""
        if not file.name.lower().endswith(_ENDINGS) or self._is_enough(file.rel):
            return
        status = self._reader.stat(file.rel)
        if status is None or status.st_ctime < self._since or self._packages.owner(file.rel):
            return
        self._read += 1
        script = read_marked(self._reader, file.rel)
        if script is not None:
            yield make_script(self._reader, self._packages, script)

    def _is_enough(self, rel: bytes) -> bool:
        if self._told:
            return True
        self._asked += 1
        if self._asked > MOST_ASKED or self._read == MOST_READ:
            self._told = True
            why = "so many scripts below web roots that not all new ones were read for web shells"
            self._reader.unread.append(Unwalked(rel, "skipped", why))
        return self._told


def is_page(rel: bytes) -> bool:
    """Whether this is a script that web servers run, wherever it lies; one of a system's usual languages only in a
    folder with a name that served folders have.
    """
    lower = rel.lower()
    return lower.endswith(_ENDINGS) and (
        not lower.endswith(_USUAL) or any(part in _SERVED for part in lower.split(b"/")[:-1])
    )


def read_marked(reader: Reader, rel: bytes) -> SmallFile | None:
    """The start of a script that takes something from its visitors or the network; None if it does not."""
    script = reader.read_start(rel, MOST_BYTES)
    return script if script is not None and any(mark in script.data for mark in _MARKS) else None


def make_script(reader: Reader, packages: PackageDatabase, script: SmallFile) -> Autostart:
    """The entry of such a script."""
    name = as_text(script.rel.rpartition(b"/")[2], 255)
    return make_entry(reader, packages, script, "web_drop_in", entry=name, facts=frozenset((WEB_SCRIPT,)))
