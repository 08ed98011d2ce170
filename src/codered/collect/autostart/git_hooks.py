"""What git runs for whoever works in a repository: hooks, and commands in its configuration."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.autostart.entries import link_paths, make_entry
from codered.collect.autostart.homes import list_homes
from codered.collect.autostart.places import join_all, read_linked, resolve_folders
from codered.collect.autostart.programs import read_program
from codered.collect.autostart.reading import Entry, Reader, SmallFile, as_text, join
from codered.collect.autostart.tables import table
from codered.collect.packages import PackageDatabase
from codered.collect.walking import Unwalked
from codered.model.persistence import Autostart

MOST_DEPTH = 4  # folders below a home in which a repository is looked for
MOST_FOLDERS = 4_000  # below one home
MOST_ALL_FOLDERS = 40_000
MOST_REPOSITORIES = 500
_KEYS = frozenset(table("git-config-keys"))
_SECTION = re.compile(rb"[ \t]*\[[ \t]*([A-Za-z0-9.\-]+)(?:[ \t]+\"[^\"\n]*\")?[ \t]*\][ \t]*")
_OF_REPOSITORY = (b"hooks", b"objects", b"refs")  # what a bare one has


class ConfigLine(NamedTuple):
    """A line of git's configuration that names something to run: its number, the full key, and the value."""

    number: int
    key: str
    value: str


def collect_git_hooks(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Hooks and commands of the system's and every user's configuration, and of the repositories found."""
    homes = list_homes(reader)
    configs = [("", rel) for rel in table("git-config-files")]
    configs += [(home.user, rel) for home in homes for rel in join_all((home.rel,), table("home-git-config-files"))]
    starts = {home.rel: home.user for home in homes}
    starts |= {folder: "" for folder in resolve_folders(reader, table("repository-folders")) if folder not in starts}
    for repository, user in _find_repositories(reader, starts):
        configs.append((user, join(repository, b"config")))
        for hook in reader.list(join(repository, b"hooks")):
            program = None if hook.is_folder or hook.name.endswith(b".sample") else read_program(reader, hook.rel)
            if program is not None:
                yield make_entry(
                    reader, packages, program.file, "git_hook", entry=as_text(hook.name, 255), user=user,
                    text=program.text, links=link_paths(reader, program.links),
                )  # fmt: skip
    for user, rel in dict.fromkeys(configs):
        found = read_linked(reader, rel)
        if found is not None:
            yield from _read_config(reader, packages, found[0], user)


def parse_git_config(data: bytes) -> Iterator[ConfigLine]:
    """The lines of a configuration that name something git runs."""
    section = b""
    for number, line in enumerate(data.split(b"\n"), 1):
        rest = line
        if match := _SECTION.match(line):
            section = match[1].lower()
            rest = line[match.end() :]
        name, equals, value = rest.partition(b"=")
        key = section + b"." + name.strip().lower()
        if not equals or name.lstrip().startswith((b"#", b";")):
            continue
        is_alias = section == b"alias" and value.strip().lstrip(b'"').startswith(b"!")
        if is_alias or key in _KEYS or key.endswith(table("git-config-endings")):
            yield ConfigLine(number, as_text(key, 255), as_text(value.strip()))


def _read_config(reader: Reader, packages: PackageDatabase, file: SmallFile, user: str) -> Iterator[Autostart]:
    lines = file.data.split(b"\n")
    for found in parse_git_config(file.data):
        yield make_entry(
            reader, packages, file, "git_hook", entry=found.key, user=user, command=found.value.lstrip('!"'),
            line=found.number, text=lines[found.number - 1],
        )  # fmt: skip


def _find_repositories(reader: Reader, starts: dict[bytes, str]) -> Iterator[tuple[bytes, str]]:
    """The git folders below the starts, and whose home they lie in. Where the search ended early is said."""
    skipped = frozenset(table("repository-skipped"))
    found = walked = 0
    for start, user in starts.items():
        pending = [(start, 0)]
        end = min(walked + MOST_FOLDERS, MOST_ALL_FOLDERS)
        while pending:
            if walked == end or found >= MOST_REPOSITORIES:
                why = "so many folders that not all were searched for git repositories"
                reader.unread.append(Unwalked(start, "skipped", why))
                break
            folder, depth = pending.pop()
            walked += 1
            inner = [entry for entry in reader.list(folder) if entry.is_folder]
            for repository in _repositories_in(folder, inner):
                found += 1
                yield repository, user
            if depth < MOST_DEPTH:
                pending += [(e.rel, depth + 1) for e in inner if e.name != b".git" and e.name not in skipped]


def _repositories_in(folder: bytes, inner: list[Entry]) -> list[bytes]:
    names = {entry.name for entry in inner}
    found = [join(folder, b".git")] if b".git" in names else []
    return [*found, folder] if names.issuperset(_OF_REPOSITORY) else found
