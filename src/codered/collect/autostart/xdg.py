"""Programs that a desktop session starts: XDG autostart of the system and of every home."""

from collections.abc import Iterator

from codered.collect.autostart.entries import link_paths, make_entry
from codered.collect.autostart.homes import list_homes
from codered.collect.autostart.places import join_all, read_folder, resolve_folders
from codered.collect.autostart.reading import Reader, as_text
from codered.collect.autostart.tables import table
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

MOST_LINES = 2_000


def collect_xdg(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Every desktop entry and script of the autostart folders."""
    places = [("", table("xdg-folders"))]
    places += [(home.user, join_all((home.rel,), table("home-xdg-folders"))) for home in list_homes(reader)]
    for user, folders in places:
        for folder in resolve_folders(reader, folders):
            for file, links in read_folder(reader, folder):
                command = read_exec(file.data)
                yield make_entry(
                    reader, packages, file, "xdg", entry=as_text(file.rel.rpartition(b"/")[2], 255), user=user,
                    command=command or "", links=link_paths(reader, links),
                    facts=frozenset(() if command or not file.rel.endswith(b".desktop") else ("does-not-parse",)),
                )  # fmt: skip


def read_exec(data: bytes) -> str | None:
    """The command of a desktop entry; None if there is none."""
    section = b""
    for line in data.split(b"\n", MOST_LINES)[:MOST_LINES]:
        line = line.strip()  # noqa: PLW2901 - blanks around a line mean nothing
        if line.startswith(b"["):
            section = line
        key, equals, value = line.partition(b"=")
        if equals and key.strip() == b"Exec" and section == b"[Desktop Entry]":
            return as_text(value.strip())
    return None
