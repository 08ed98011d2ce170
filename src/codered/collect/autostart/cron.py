"""Cron: system tables, tables of users, anacron, and folders of scripts."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from codered.collect.autostart.entries import Fields, link_paths, make_entry
from codered.collect.autostart.places import read_folder, read_linked, resolve_folders
from codered.collect.autostart.reading import Reader, SmallFile, as_text
from codered.collect.autostart.tables import table
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

MOST_LINES = 20_000  # of one table
MOST_LINE = 8192  # bytes of a line that are parsed
DOES_NOT_PARSE = "does-not-parse"
_FIELD = re.compile(r"[0-9A-Za-z*/,\-?~#]{1,200}\Z")
_AT = re.compile(r"@[a-z]{1,20}\Z")
_SETTING = re.compile(r"[ \t]*[\"']?([A-Za-z_][A-Za-z0-9_]*)[\"']?[ \t]*=[ \t]*(.*)\Z", re.DOTALL)
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:\-]*\$?\Z")
Shape = Literal["system", "user", "anacron"]


class CronLine(NamedTuple):
    """What a line of a table says: a setting (its `name`), or a job. `parses` is False for what cron would refuse."""

    name: str = ""
    user: str = ""
    command: str = ""
    parses: bool = True


def collect_cron(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Every line of every table, and every script of the folders that are run by the hour, day, week or month."""
    for rel in table("cron-tables"):
        yield from _read_table(reader, packages, read_linked(reader, rel), "system")
    for folder in resolve_folders(reader, table("cron-table-folders")):
        for found in read_folder(reader, folder):
            yield from _read_table(reader, packages, found, "system")
    for folder in resolve_folders(reader, table("cron-user-folders")):
        for found in read_folder(reader, folder):
            yield from _read_table(reader, packages, found, "user")
    for rel in table("anacron-tables"):
        yield from _read_table(reader, packages, read_linked(reader, rel), "anacron")
    for folder in resolve_folders(reader, table("cron-script-folders")):
        for file, links in read_folder(reader, folder):
            name = (links[0] if links else file.rel).rpartition(b"/")[2]
            yield make_entry(
                reader, packages, file, "cron",
                entry=as_text(name, 255), user="root", links=link_paths(reader, links),
            )  # fmt: skip


def parse_cron_line(line: bytes, shape: Shape) -> CronLine | None:
    """A line of a table as cron reads it: `system` tables name the user, `user` ones do not, `anacron` ones have a
    period, a delay and a name. None for an empty line or a comment.
    """
    text = as_text(line, MOST_LINE).strip(" \t\r\0")
    if not text or text.startswith("#"):
        return None
    setting = _SETTING.match(text)
    if setting:
        return CronLine(name=setting[1], command=setting[2] if setting[1] == "SHELL" else "")
    if shape == "anacron":
        return _split_job(text, 3, with_user=False)._replace(user="root")
    return _split_job(text, 1 if text.startswith("@") else 5, with_user=shape == "system")


def _split_job(text: str, count: int, with_user: bool) -> CronLine:
    """The schedule has `count` words; then the user, then the command up to the first bare `%` (which begins its
    input: that stays in the text).
    """
    words = text.split(None, count + with_user)
    if len(words) <= count + with_user or not all(_is_schedule(word) for word in words[: min(count, 5)]):
        return CronLine(command=text, parses=False)
    user = words[count] if with_user else ""
    command = re.split(r"(?<!\\)%", words[-1], maxsplit=1)[0].strip()
    return CronLine(user=user, command=command, parses=not user or _USER.match(user) is not None)


def _is_schedule(word: str) -> bool:
    return _FIELD.match(word) is not None or _AT.match(word) is not None


def _read_table(
    reader: Reader, packages: PackageDatabase, found: tuple[SmallFile, tuple[bytes, ...]] | None, shape: Shape
) -> Iterator[Autostart]:
    if found is None:
        return
    file, links = found
    base = as_text((links[0] if links else file.rel).rpartition(b"/")[2], 255)
    for number, raw in file.lines():
        if number > MOST_LINES:
            reader.miss(file.rel, f"more than {MOST_LINES} lines: the rest was left out")
            return
        line = parse_cron_line(raw, shape)
        if line is None:
            continue
        fields = Fields(
            entry=line.name or base, command=line.command, line=number, text=raw, links=link_paths(reader, links),
            user=base if shape == "user" else line.user,
            facts=frozenset(() if line.parses else (DOES_NOT_PARSE,)),
        )  # fmt: skip
        yield make_entry(reader, packages, file, "cron", **fields)
