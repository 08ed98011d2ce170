"""Example trees, and laying them out: below the given folder only, never through a link, never over anything."""

import contextlib
import os
from pathlib import Path
from typing import Literal

import msgspec

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import shorten

MOST_FILE_BYTES = 16 << 20
MOST_TREE_BYTES = 64 << 20
_CONTENTS = ("text", "hex", "same_as", "link_to", "directory")


class TreeFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of a tree: `path` is relative, `/`-separated, and exactly one of the others says what is there.
    `pad_to` fills with NULs up to that many bytes.
    """

    path: str
    text: str | None = None
    hex: str | None = None
    same_as: str | None = None
    link_to: str | None = None
    directory: bool = False
    pad_to: int = 0


class Tree(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file tree as an example describes it; at the top of a Windows tree are its drives (`C`, `D`)."""

    about: str
    system: Literal["windows", "linux"]
    files: tuple[TreeFile, ...]


_OF_EVERY_SYSTEM = (
    TreeFile(path="etc/passwd", text="root:x:0:0:root:/root:/bin/sh\n"),
    TreeFile(path="var/lib/dpkg/info/example.list", text="/.\n/usr/share/doc/example\n"),
    TreeFile(path="var/lib/dpkg/status", text="Package: example\nStatus: install ok installed\n"),
)


def lay_out(tree: Tree, into: Path, where: str) -> None:
    """Write the tree; `where` names it in errors. Everything is checked before the first file is written. Raises
    WrongUse.
    """
    contents = check_tree(tree, where)
    root = os.open(into, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # links last: nothing is ever written through one
        for item in sorted(tree.files, key=lambda item: item.link_to is not None):
            _write(root, item, contents.get(item.path, b""))
    except OSError as error:
        advice = "lay it out in an empty folder; an entry stands once, and never below a file or link"
        raise WrongUse(f"can't be laid out ({error.strerror})", where=where, advice=advice) from None
    finally:
        os.close(root)


def complete_tree(tree: Tree) -> Tree:
    """An example is a few files of a system. Without records of accounts and packages a scan of Linux would say that it
    missed them, so a tree that lays out none gets an account and a package of no importance.
    """
    if tree.system != "linux":
        return tree
    taken = {item.path for item in tree.files}
    files_and_links = {item.path for item in tree.files if not item.directory}
    missing = tuple(
        item for item in _OF_EVERY_SYSTEM if item.path not in taken and files_and_links.isdisjoint(_parents(item.path))
    )
    return msgspec.structs.replace(tree, files=(*tree.files, *missing))


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def check_tree(tree: Tree, where: str) -> dict[str, bytes]:
    """The content of every plain file by its path. Raises WrongUse for a tree that can't be laid out."""
    contents: dict[str, bytes] = {}
    for number, item in enumerate(tree.files, 1):
        place = f"{where}: file {number} ({shorten(item.path)})"
        _check_path(item.path, place)
        _check_kind(item, place)
        if item.text is not None or item.hex is not None:
            contents[item.path] = _pad(_own_content(item, place), item.pad_to, place)
        if sum(map(len, contents.values())) > MOST_TREE_BYTES:
            raise WrongUse(f"more than {MOST_TREE_BYTES} bytes", where=where, advice="make the example smaller")
    for item in tree.files:
        if item.same_as is not None:
            if item.same_as not in contents:
                advice = "same_as names another file of the tree that has text or hex"
                raise WrongUse(f"no content at `{shorten(item.same_as)}`", where=where, advice=advice)
            contents[item.path] = contents[item.same_as]
    return contents


def _check_path(path: str, where: str) -> None:
    parts = path.split("/")
    odd = "\\" in path or any(part in ("", ".", "..") or len(part.encode()) > 255 for part in parts)
    if odd or not path.isprintable() or len(parts) > 40:
        advice = "a path is relative to the tree, with `/` between names and no `..`"
        raise WrongUse("a path that leads out of the tree or nowhere", where=where, advice=advice)


def _check_kind(item: TreeFile, where: str) -> None:
    given = [name for name in _CONTENTS if getattr(item, name) not in (None, False)]
    if len(given) != 1:
        what = f"has {' and '.join(given)}" if given else "has no content"
        raise WrongUse(what, where=where, advice=f"give one of {', '.join(_CONTENTS)}")
    if item.link_to is not None and not (item.link_to.isprintable() and 0 < len(item.link_to) < 256):
        raise WrongUse("a link to nothing", where=where, advice="link_to is a path")
    if item.pad_to and given[0] not in ("text", "hex"):
        raise WrongUse("pad_to without text or hex", where=where, advice="leave pad_to out")


def _own_content(item: TreeFile, where: str) -> bytes:
    if item.text is not None:
        return item.text.encode()
    try:
        return bytes.fromhex(item.hex or "")
    except ValueError:
        raise WrongUse("not hexadecimal", where=where, advice="write two digits for each byte") from None


def _pad(data: bytes, size: int, where: str) -> bytes:
    if not 0 <= size <= MOST_FILE_BYTES or (size and size < len(data)):
        advice = f"pad_to is the size to reach: at least {len(data)}, at most {MOST_FILE_BYTES} bytes"
        raise WrongUse(f"can't be padded to {size} bytes", where=where, advice=advice)
    return data.ljust(size, b"\0")


def _write(root: int, item: TreeFile, content: bytes) -> None:
    *folders, name = item.path.split("/")
    folder = _open_folder(root, folders)
    try:
        if item.link_to is not None:
            os.symlink(item.link_to, name, dir_fd=folder)
        elif item.directory:
            os.mkdir(name, 0o755, dir_fd=folder)
        else:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with open(os.open(name, flags, 0o644, dir_fd=folder), "wb") as file:
                file.write(content)
    finally:
        os.close(folder)


def _open_folder(root: int, names: list[str]) -> int:
    """The folder below the root, made where it is missing; a link in its place raises OSError."""
    here = os.dup(root)
    for name in names:
        try:
            with contextlib.suppress(FileExistsError):  # opening it tells whether it is a folder
                os.mkdir(name, 0o755, dir_fd=here)
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
        finally:
            os.close(here)
        here = inner
    return here
