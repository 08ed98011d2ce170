"""What package managers run: hooks of apt and dpkg, plugins of yum and dnf, hooks of pacman, apk, zypper, kernels."""

import re
from collections.abc import Iterator

from codered.collect.autostart.entries import BY_LINE, link_paths, make_entry
from codered.collect.autostart.places import join_all, read_folder, read_linked, resolve_folders
from codered.collect.autostart.reading import Reader, SmallFile, as_text
from codered.collect.autostart.tables import table
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

MOST_COMMANDS = 64
_PYTHON = re.compile(rb"python[0-9.]*\Z")
_HOOK = re.compile(rb"invoke|pkgs|::hooks|^exec|^hook", re.IGNORECASE | re.MULTILINE)
_QUOTED = re.compile(rb"\"([^\"\n]{1,4096})\"|'([^'\n]{1,4096})'")
_SETTING = re.compile(
    rb"^[ \t]*(?:(?:pre|post)-invoke|Exec)[ \t]*=[ \t]*([^\n]{1,4096})$", re.IGNORECASE | re.MULTILINE
)


def collect_package_hooks(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Every file in which a package manager is told to run something, and every plugin."""
    found = [read_linked(reader, rel) for rel in table("package-hook-files")]
    folders = (*table("package-hook-folders"), *_python_folders(reader))
    for folder in resolve_folders(reader, folders):
        found += list(read_folder(reader, folder))
    for item in found:
        if item is not None:
            file, links = item
            yield make_entry(
                reader, packages, file, "package_hook", entry=as_text(file.rel.rpartition(b"/")[2], 255), user="root",
                command="; ".join(find_commands(file)), links=link_paths(reader, links),
                facts=frozenset((BY_LINE,) if file.rel in table("package-hook-files") else ()),
            )  # fmt: skip


def find_commands(file: SmallFile) -> tuple[str, ...]:
    """The commands of the hooks in a configuration file: what is in quotes where it speaks of hooks at all, and what
    dpkg's and pacman's settings name.
    """
    found = [match[1] for match in _SETTING.finditer(file.data)]
    if _HOOK.search(file.data) or file.rel.endswith(b".py"):
        quoted = (match[1] or match[2] for match in _QUOTED.finditer(file.data))
        found += [text for text in quoted if b"/" in text or b" " in text]
    return tuple(as_text(text) for text in found[:MOST_COMMANDS])


def _python_folders(reader: Reader) -> tuple[bytes, ...]:
    versions = [
        entry.rel
        for folder in resolve_folders(reader, table("python-folders"))
        for entry in reader.list(folder)
        if entry.is_folder and _PYTHON.match(entry.name)
    ]
    return join_all(versions, table("python-plugin-folders"))
