"""sudoers: who becomes root, and without being asked for a password."""

import re
from collections.abc import Iterator

from codered.collect.autostart.config_lines import read_lines
from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.first_person import read_first_person
from codered.collect.autostart.known_names import is_known, known_names
from codered.collect.autostart.places import read_folder, read_linked, resolve_folders
from codered.collect.autostart.reading import Reader, SmallFile
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

_LOADER = re.compile(r"\bLD_(?:PRELOAD|LIBRARY_PATH|AUDIT)\b")
_INCLUDE = re.compile(r"[@#]includedir[ \t]+(/[^ \t\n]+)")
# A chain of tags is found once, from its start: searched from each tag anew, a long line would take hours.
_TAGS = re.compile(r"(?<![A-Z_])(?:[A-Z_]++[ \t]*+:[ \t]*+)+")
_ALL = re.compile(r"ALL\b")


def collect_sudoers(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Lines that let somebody become root without a password or with libraries of his own."""
    system = _list_system_accounts(reader)
    for file in _read_files(reader):
        if packages.origin(file)[0] == "package":
            continue
        for line in read_lines(file):
            facts = _judge_line(line.text, system)
            if facts:
                yield make_entry(
                    reader, packages, file, "sudoers", entry=line.text.split()[0], line=line.number,
                    text=line.raw, facts=frozenset(facts),
                )  # fmt: skip


def _read_files(reader: Reader) -> Iterator[SmallFile]:
    folders = list(known_names("sudoers-folders"))
    for rel in known_names("sudoers-files"):
        found = read_linked(reader, rel)
        if found is not None:
            yield found[0]
            text = found[0].data.decode(errors="replace")
            folders += [match[1].strip("/").encode() for match in _INCLUDE.finditer(text)][:20]
    for folder in resolve_folders(reader, folders):
        for file, _ in read_folder(reader, folder):
            name = file.rel.rpartition(b"/")[2]
            if b"." not in name and not name.endswith(b"~"):  # sudo leaves the others out
                yield file


def _judge_line(text: str, system: frozenset[str]) -> set[str]:
    facts = set()
    first = text.split(maxsplit=1)[0]
    if first.startswith("Defaults"):
        if _LOADER.search(text) and ("env_keep" in text or "env_check" in text):
            facts.add("keeps-loader-variables")
        if "!authenticate" in text:
            facts |= {"nopasswd", "nopasswd-all"}
        if "!env_reset" in text or "setenv" in text.split("#", maxsplit=1)[0].replace(",", " ").split()[1:]:
            facts.add("keeps-environment")
        return facts
    if "NOPASSWD" not in text or first.endswith("_Alias"):
        return facts
    facts.add("nopasswd")
    if _lets_all_pass(text):
        facts.add("nopasswd-all")
    elif any(_opens_shell(command) for command in text.partition("NOPASSWD")[2].split(",")):
        facts.add("nopasswd-opener")
    if first == "ALL":
        facts.add("for-everybody")
    if first in system:
        facts.add("for-system-account")
    return facts


def _lets_all_pass(text: str) -> bool:
    """Whether every command needs no password: ALL behind tags of which one is NOPASSWD."""
    return any(
        _ALL.match(text, chain.end()) and any(tag.rstrip().endswith("NOPASSWD") for tag in chain[0].split(":"))
        for chain in _TAGS.finditer(text)
    )


def _opens_shell(command: str) -> bool:
    """Whether one of the programs a rule names opens a shell; `systemctl restart app` is no way out of itself."""
    words = command.split()
    for number, word in enumerate(words):
        name = word.rpartition("/")[2].encode(errors="replace")
        is_steady = name == b"systemctl" and _is_steady(words[number + 1 :])
        if "/" in word and is_known("openers", name) and not is_steady:
            return True
    return False


def _is_steady(arguments: list[str]) -> bool:
    """Whether it can only start or stop units that the rule names."""
    is_named = len(arguments) > 1 and not any(mark in word for word in arguments for mark in "*?[")
    return is_named and is_known("steady-verbs", arguments[0].encode(errors="replace"))


def _list_system_accounts(reader: Reader) -> frozenset[str]:
    file = reader.read(b"etc/passwd")
    first_person = read_first_person(reader)
    found = set()
    for _, line in file.lines() if file is not None else ():
        parts = line.split(b":")
        if len(parts) >= 4 and parts[2].isdigit() and 0 < int(parts[2][:9]) < first_person:
            found.add(parts[0].decode(errors="backslashreplace"))
    return frozenset((*found, "nobody"))
