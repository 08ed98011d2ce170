"""What shells and sessions read when somebody logs in."""

from collections.abc import Iterator

from codered.collect.autostart.entries import BY_LINE, link_paths, make_entry
from codered.collect.autostart.homes import list_homes
from codered.collect.autostart.places import join_all, read_folder, read_linked, resolve_folders
from codered.collect.autostart.reading import Reader, SmallFile, as_text
from codered.collect.autostart.tables import table
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart


def collect_profiles(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """The start files of all shells, of the system and of every home."""
    seen: set[bytes] = set()
    for user, file, links in _read_all(reader):
        if file.rel in seen:
            continue
        seen.add(file.rel)
        yield make_entry(
            reader, packages, file, "profile", entry=as_text(file.rel.rpartition(b"/")[2], 255), user=user,
            links=link_paths(reader, links), facts=frozenset((BY_LINE,)),
        )  # fmt: skip


def _read_all(reader: Reader) -> Iterator[tuple[str, SmallFile, tuple[bytes, ...]]]:
    places = [("", table("profile-files"), table("profile-folders"))]
    for home in list_homes(reader):
        files = join_all((home.rel,), table("home-profile-files"))
        folders = join_all((home.rel,), table("home-profile-folders"))
        places.append((home.user, files, folders))
    for user, files, folders in places:
        for rel in files:
            found = read_linked(reader, rel)
            if found is not None:
                yield user, *found
        for folder in resolve_folders(reader, folders):
            for file, links in read_folder(reader, folder):
                yield user, file, links
