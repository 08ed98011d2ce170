"""What lies in the startup folders of the machine and of every user, links and what they start."""

import struct
from collections.abc import Iterator

from codered.collect.autostart.reading import SmallFile
from codered.collect.windows.autostart.entries import of_file
from codered.collect.windows.autostart.machine import Item, WindowsMachine
from codered.model.persistence import Autostart

MOST_ITEMS = 1000  # in one folder
MOST_READ = 64 << 10
_OF_MACHINE = (
    "{drive}\\ProgramData\\Microsoft\\Windows\\Start Menu\\Programs\\StartUp",
    "{drive}\\Documents and Settings\\All Users\\Start Menu\\Programs\\Startup",
    "{root}\\Profiles\\All Users\\Start Menu\\Programs\\Startup",
)
_OF_USER = (
    "{home}\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup",
    "{home}\\Start Menu\\Programs\\Startup",
)
_PARENTS = ("{drive}\\Users", "{drive}\\Documents and Settings", "{root}\\Profiles")
_NO_PROGRAMS = ("desktop.ini", "thumbs.db")
_LINK = bytes.fromhex("4c0000000114020000000000c000000000000046")


def collect_startup_folders(machine: WindowsMachine) -> Iterator[Autostart]:
    """One entry a file."""
    for folder in _folders(machine):
        for number, item in enumerate(machine.list_folder(folder)):
            if number == MOST_ITEMS:
                machine.miss(folder, f"more than {MOST_ITEMS} files in it: the rest was left out")
                break
            if item.kind == "file" and item.name.lower() not in _NO_PROGRAMS:
                entry = _make(machine, folder, item)
                if entry is not None:
                    yield entry


def _folders(machine: WindowsMachine) -> list[str]:
    homes = dict.fromkeys(machine.homes.values())
    for parent in _PARENTS:
        place = parent.format(root=machine.root, drive=machine.drive)
        homes.update((f"{place}\\{item.name}", None) for item in machine.list_folder(place) if item.kind == "folder")
    of_users = [each.format(home=home) for home in homes for each in _OF_USER]
    of_machine = [each.format(root=machine.root, drive=machine.drive) for each in _OF_MACHINE]
    return list({folder.lower(): folder for folder in (*of_machine, *of_users)}.values())


def _make(machine: WindowsMachine, folder: str, item: Item) -> Autostart | None:
    file = machine.read(item.rel, MOST_READ)
    if file is None:
        return None
    command = f'"{folder}\\{item.name}"'
    facts = {"win-in-startup"}
    if file.data.startswith(_LINK):
        command = read_link(file.data) or command
        facts = {"win-startup-link"}
    elif file.data.startswith(b"MZ"):
        facts.add("win-program-in-startup")
    text = command.encode(errors="backslashreplace") if facts == {"win-startup-link"} else _script_text(file)
    return of_file(machine, "startup_folder", file, command, entry=item.name, text=text, facts=frozenset(facts))


def _script_text(file: SmallFile) -> bytes:
    """A script's text (UTF-16 as UTF-8); nothing of a program, whose bytes mean nothing to patterns of commands."""
    if file.data.startswith(b"MZ"):
        return b""
    if file.data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return file.data.decode("utf-16", "replace").encode(errors="backslashreplace")
    return file.data


def read_link(data: bytes) -> str:
    """The command of a shell link: its target's local path and its arguments; "" if it names none. Sizes in it are not
    trusted.
    """
    if len(data) < 76:
        return ""
    (flags,) = struct.unpack_from("<I", data, 20)
    at = 76
    if flags & 1:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    target = ""
    if flags & 2 and at + 28 <= len(data):
        size, _, has, _, local = struct.unpack_from("<IIIII", data, at)
        if has & 1 and local < size:
            target = data[at + local : at + local + 1024].partition(b"\0")[0].decode("cp1252", "replace")
        at += max(size, 4)
    texts = {}
    for bit in (4, 8, 16, 32):  # name, relative path, working folder, arguments
        if flags & bit and at + 2 <= len(data):
            count = int.from_bytes(data[at : at + 2], "little")
            wide = 2 if flags & 128 else 1
            raw = data[at + 2 : at + 2 + count * wide]
            texts[bit] = raw.decode("utf-16-le" if wide == 2 else "cp1252", "replace")
            at += 2 + count * wide
    named = target or texts.get(8, "")
    return f'"{named}" {texts.get(32, "")}'.strip() if named else ""
