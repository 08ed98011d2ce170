"""What the boot loader tells the kernel: another first program, or commands for systemd."""

import re
from collections.abc import Iterator

from codered.collect.autostart.config_lines import read_lines
from codered.collect.autostart.entries import BY_LINE, make_entry
from codered.collect.autostart.known_names import is_known, known_names
from codered.collect.autostart.places import read_folder, read_linked, resolve_folders
from codered.collect.autostart.reading import Reader, SmallFile
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

_WORD = re.compile(
    r"(?<![\w.-])(init|rdinit|rd\.break|systemd\.run|systemd\.debug_shell|systemd\.debug-shell)(?:=([^\s\"']*))?"
)


def collect_grub(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Lines of the boot loader's settings, and of what was made of them, that start something else; scripts of grub.d
    that are not as a package has them.
    """
    for file, generated in _read_files(reader):
        for line in read_lines(file):
            facts, command = _judge(line.text)
            if facts:
                # A line of a generated file is no line to take out: the file is made anew from the settings.
                facts |= {"generated", BY_LINE} if generated else set()
                what = line.text.split()[0][:255]
                yield make_entry(
                    reader, packages, file, "grub", entry=what, user="root", command="" if generated else command,
                    line=0 if generated else line.number, text=line.raw, facts=frozenset(facts),
                )  # fmt: skip
    for folder in resolve_folders(reader, (b"etc/grub.d",)):
        for file, _ in read_folder(reader, folder):
            if file.mode & 0o111 and packages.origin(file)[0] != "package":
                name = file.rel.rpartition(b"/")[2].decode(errors="backslashreplace")
                yield make_entry(reader, packages, file, "grub", entry=name, user="root")


def _read_files(reader: Reader) -> Iterator[tuple[SmallFile, bool]]:
    for generated, files, folders in ((False, "grub-files", "grub-folders"), (True, "boot-files", "boot-folders")):
        for rel in known_names(files):
            found = read_linked(reader, rel)
            if found is not None:
                yield found[0], generated
        for folder in resolve_folders(reader, known_names(folders)):
            for file, _ in read_folder(reader, folder, (b".cfg", b".conf", b"") if not generated else (b".conf",)):
                yield file, generated


def _judge(text: str) -> tuple[set[str], str]:
    """Facts and what is started."""
    if not ("CMDLINE" in text or "linux" in text or "options" in text or "append" in text or text.startswith("root=")):
        return set(), ""
    facts, command = set(), ""
    for name, value in _WORD.findall(text):
        if name in ("init", "rdinit") and value and "$" not in value and not is_known("usual-inits", value.encode()):
            facts.add("init-replaced")
            command = value
        elif name == "systemd.run":
            facts.add("systemd-run")
            command = value
        elif name.startswith(("rd.break", "systemd.debug")):
            facts.add("boot-shell")
    return facts, command
