"""Folders and files of a target by the way they really lie: links are followed, but never out of the root."""

import posixpath
from collections.abc import Iterable, Iterator

from codered.collect.autostart.reading import Reader, SmallFile, join

MOST_LINKS = 16  # on the way to one file
MOST_FOLDERS = 5_000  # of one walk
NOWHERE = frozenset((b"dev/null",))


def resolve(reader: Reader, rel: bytes) -> bytes | None:
    """Where a path below the root leads when its links are followed inside the root; None if nothing is there. An
    absolute link starts at the root again, as it does on the examined system.
    """
    pending = _split(rel)
    done: list[bytes] = []
    links = 0
    while pending:
        part = pending.pop(0)
        if part == b"..":
            done = done[:-1]
            continue
        here = b"/".join((*done, part))
        target = reader.read_link(here)
        if target is None:
            done.append(part)
            continue
        links += 1
        if links > MOST_LINKS:
            return None
        done = [] if target.startswith(b"/") else done
        pending = _split(target) + pending
    found = b"/".join(done)
    return found if reader.stat(found) is not None else None


def resolve_folders(reader: Reader, folders: Iterable[bytes]) -> tuple[bytes, ...]:
    """Those of the folders that exist, each once (/lib/x and /usr/lib/x may be the same one)."""
    found = (resolve(reader, folder) for folder in folders)
    return tuple(dict.fromkeys(folder for folder in found if folder is not None))


def read_linked(reader: Reader, rel: bytes) -> tuple[SmallFile, tuple[bytes, ...]] | None:
    """A file that may be a link to one: the file where it really lies, and the link (none if it is no link). None if
    there is no such file.
    """
    if reader.read_link(rel) is None:
        file = reader.read(rel)
        return (file, ()) if file is not None else None
    real = resolve(reader, rel)
    if real is None or real in NOWHERE:
        return None
    file = reader.read(real)
    return (file, (rel,)) if file is not None else None


def read_folder(
    reader: Reader, folder: bytes, endings: tuple[bytes, ...] = (b"",)
) -> Iterator[tuple[SmallFile, tuple[bytes, ...]]]:
    """The files right in a folder whose names end so, links to files included, as `read_linked` gives them."""
    for entry in reader.list(folder):
        if not entry.is_folder and entry.name.endswith(endings):
            found = read_linked(reader, entry.rel) if entry.is_link else _read_plain(reader, entry.rel)
            if found is not None:
                yield found


def walk_folders(reader: Reader, start: bytes, depth: int, skipped: frozenset[bytes] = frozenset()) -> Iterator[bytes]:
    """The folder and those below it, at most `depth` deep; no links, none of these names."""
    pending = [(start, 0)]
    left = MOST_FOLDERS
    while pending and left:
        folder, deep = pending.pop()
        left -= 1
        yield folder
        if deep < depth:
            inner = [entry for entry in reader.list(folder) if entry.is_folder and entry.name not in skipped]
            pending += [(entry.rel, deep + 1) for entry in reversed(inner)]


def to_rel(path: bytes) -> bytes:
    """An absolute path of the examined system as a path below the root, without `.`, `..` and double slashes."""
    return posixpath.normpath(b"/" + path).lstrip(b"/")


def join_all(folders: Iterable[bytes], names: Iterable[bytes]) -> tuple[bytes, ...]:
    """Every name in every folder."""
    kept = tuple(names)
    return tuple(join(folder, name) for folder in folders for name in kept)


def _read_plain(reader: Reader, rel: bytes) -> tuple[SmallFile, tuple[bytes, ...]] | None:
    file = reader.read(rel)
    return (file, ()) if file is not None else None


def _split(path: bytes) -> list[bytes]:
    return [part for part in path.split(b"/") if part not in (b"", b".")]
