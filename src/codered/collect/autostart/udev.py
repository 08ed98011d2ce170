"""udev rules that run something when a device appears."""

import re
from collections.abc import Iterator

from codered.collect.autostart.commands import MOST_RUN, list_programs
from codered.collect.autostart.entries import Fields, link_paths, make_entry
from codered.collect.autostart.places import read_folder, resolve_folders
from codered.collect.autostart.reading import Reader, SmallFile, as_text
from codered.collect.autostart.tables import table
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

MOST_LINES = 20_000
_RUNS = re.compile(
    rb"(?:RUN(?:\{[a-z_]{1,20}\})?|PROGRAM|IMPORT\{program\}|ENV\{SYSTEMD_(?:USER_)?WANTS\})[ \t]*(?:[+:]?=|==)[ \t]*"
    rb'e?"((?:[^"\\]|\\.){0,4096})"'
)
_PATH = re.compile(r"(?<![\w./~-])/[\w.+-]+(?:/[\w.+-]+)+")
_BUILT_IN = b"RUN{builtin}"
_HELPERS = (b"usr/lib/udev/", b"lib/udev/")  # where udev looks for a program without a path


def collect_udev(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Every rule that runs a program or starts a unit."""
    for folder in resolve_folders(reader, table("udev-folders")):
        for file, links in read_folder(reader, folder, (b".rules",)):
            for number, rule in _join_lines(file):
                commands = find_commands(rule)
                if commands:
                    command = "; ".join(commands)
                    fields = Fields(
                        entry=as_text(file.rel.rpartition(b"/")[2], 255), user="root", command=command, line=number,
                        text=rule, runs=_list_runs(command, commands),
                        links=link_paths(reader, links),
                    )  # fmt: skip
                    yield make_entry(reader, packages, file, "udev", **fields)


def _list_runs(command: str, commands: tuple[str, ...]) -> tuple[str, ...]:
    """Programs and units; of a command that writes a crontab every path, for cron runs them."""
    written = _PATH.findall(command)[:MOST_RUN] if "crontab" in command else ()
    return (*list_programs(command), *written, *(name for name in commands if name.endswith(".service")))


def find_commands(rule: bytes) -> tuple[str, ...]:
    """The programs a rule runs and the units it starts."""
    if rule.lstrip().startswith(b"#"):
        return ()
    return tuple(as_text(match[1]) for match in _RUNS.finditer(rule) if not match[0].startswith(_BUILT_IN))


def _join_lines(file: SmallFile) -> Iterator[tuple[int, bytes]]:
    """The rules with the number of their line; 0 for one that goes over several, which can't be taken out as a line."""
    carried = b""
    joined = False
    for number, line in file.lines():
        if number > MOST_LINES:
            return
        if line.endswith(b"\\") and len(carried) < 65536:
            carried += line[:-1]
            joined = True
            continue
        yield (0, carried + line) if joined else (number, line)
        carried, joined = b"", False
    if joined:
        yield 0, carried
