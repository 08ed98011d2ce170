"""What a script shows besides its content: whom it belongs to, and how new it is among its neighbours."""

import os

from codered.model.target import Target

NAMES = frozenset(("www-data", "apache", "nginx", "httpd", "lighttpd", "http", "wwwrun", "www"))
MOST_NEIGHBOURS = 300
LEAST_NEIGHBOURS = 5
NEWER_BY = 30 * 86400.0  # seconds
MOST_PASSWD = 1 << 20
CAN_LIST = os.scandir in os.supports_fd
"""Windows lists no folder that is held open."""


class ScriptContext:
    """Answers for the scripts of one target; the accounts of its web servers are read once."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._servers: frozenset[int] | None = None

    def find_facts(self, rel: bytes, status: os.stat_result) -> frozenset[str]:
        """The facts about a file. What can't be read gives none: they only ever add to what the content shows."""
        try:
            folder = self._target.open_dir(rel.rpartition(b"/")[0])
        except OSError:
            return frozenset()
        try:
            facts = set()
            if self._belongs_to_server(status, os.fstat(folder)):
                facts.add("owned-by-server")
            if CAN_LIST and _is_newest(folder, rel.rpartition(b"/")[2], status):
                facts.add("newer-than-neighbours")
            return frozenset(facts)
        except OSError:
            return frozenset()
        finally:
            os.close(folder)

    def _belongs_to_server(self, file: os.stat_result, folder: os.stat_result) -> bool:
        if self._servers is None:
            self._servers = _read_servers(self._target)
        return file.st_uid in self._servers and folder.st_uid not in self._servers


def _is_newest(folder: int, name: bytes, status: os.stat_result) -> bool:
    """Whether the file is a month newer than every other file of its folder, of which there must be some."""
    others: list[float] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if len(others) >= MOST_NEIGHBOURS:
                break
            if os.fsencode(entry.name) != name and entry.is_file(follow_symlinks=False):
                others.append(entry.stat(follow_symlinks=False).st_mtime)
    return len(others) >= LEAST_NEIGHBOURS and status.st_mtime > max(others) + NEWER_BY


def _read_servers(target: Target) -> frozenset[int]:
    """The numbers of the accounts that web servers usually run as, from the target's own list."""
    try:
        descriptor = target.open_file(b"etc/passwd")
    except OSError:
        return frozenset()
    with open(descriptor, "rb") as file:
        lines = file.read(MOST_PASSWD).decode("latin-1").split("\n")
    fields = [line.split(":") for line in lines]
    return frozenset(int(row[2]) for row in fields if len(row) > 2 and row[0] in NAMES and row[2].isdecimal())
