"""Scripts that make the message of the day: root's, at every login."""

from collections.abc import Iterator

from codered.collect.autostart.entries import link_paths, make_entry
from codered.collect.autostart.places import resolve_folders
from codered.collect.autostart.programs import read_program
from codered.collect.autostart.reading import Reader, as_text
from codered.collect.autostart.tables import table
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart, AutostartKind


def collect_motd(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Every script of the message of the day."""
    for folder in resolve_folders(reader, table("motd-folders")):
        yield from read_scripts(reader, packages, folder, "motd")


def read_scripts(
    reader: Reader, packages: PackageDatabase, folder: bytes, kind: AutostartKind, user: str = "root"
) -> Iterator[Autostart]:
    """A folder whose files are all run."""
    for entry in reader.list(folder):
        program = None if entry.is_folder else read_program(reader, entry.rel)
        if program is not None:
            yield make_entry(
                reader, packages, program.file, kind, entry=as_text(entry.name, 255), user=user,
                text=program.text, links=link_paths(reader, program.links),
            )  # fmt: skip
