"""The home folders of a target: those of its accounts, and whatever lies in /home."""

from typing import NamedTuple

from codered.collect.autostart.places import resolve, to_rel
from codered.collect.autostart.reading import Reader, as_text
from codered.collect.walking import Unwalked

PASSWD = b"etc/passwd"
MOST_HOMES = 2_000
# Homes of system accounts that are no homes: the system's own folders are read by their own collectors.
_NO_HOMES = frozenset((b"", b"bin", b"sbin", b"dev", b"usr/bin", b"usr/sbin", b"nonexistent", b"proc", b"run", b"var"))


class Home(NamedTuple):
    """A home folder below the root, and whose it is ("" = not known)."""

    rel: bytes
    user: str


def list_homes(reader: Reader) -> tuple[Home, ...]:
    """Every home folder that exists, each once, links followed inside the root. More than MOST_HOMES is said."""
    found: dict[bytes, str] = {}
    for place, user in _name_homes(reader):
        rel = resolve(reader, place)
        if rel is None or rel in _NO_HOMES or rel in found:
            continue
        if len(found) == MOST_HOMES:
            reader.unread.append(
                Unwalked(PASSWD, "failed", f"more than {MOST_HOMES} home folders: the rest was left out")
            )
            break
        found[rel] = user
    return tuple(Home(rel, user) for rel, user in found.items())


def _name_homes(reader: Reader) -> list[tuple[bytes, str]]:
    named = [(b"root", "root")]
    passwd = reader.read(PASSWD)
    for _, line in passwd.lines() if passwd is not None else ():
        parts = line.split(b":")
        if len(parts) >= 6 and parts[5].startswith(b"/"):
            named.append((to_rel(parts[5]), as_text(parts[0], 64)))
    named += [(entry.rel, as_text(entry.name, 64)) for entry in reader.list(b"home") if not entry.is_file]
    return named
