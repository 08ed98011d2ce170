"""Kernel modules: files that no package has, names that are loaded at boot, commands that modprobe runs, and modules
that are loaded and have no file.
"""

import os
from collections.abc import Iterator

from codered.collect.autostart.config_lines import read_lines
from codered.collect.autostart.entries import BY_LINE, make_entry
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.measuring import make_program_entry, measure_file
from codered.collect.autostart.places import read_folder, read_linked, resolve_folders, walk_folders
from codered.collect.autostart.reading import Reader, SmallFile, as_text
from codered.collect.packages import PackageDatabase
from codered.collect.walking import Unwalked
from codered.model.persistence import Autostart

DEPTH = 12
MOST_MODULES = 60_000
LOADED = b"proc/modules"
_ENDINGS = (b".ko", b".ko.xz", b".ko.zst", b".ko.gz")
_TREES = (b"lib/modules", b"usr/lib/modules")


class _Modules:
    """The module files of all kernels: their paths by name."""

    def __init__(self, reader: Reader) -> None:
        self.files: dict[bytes, list[bytes]] = {}
        self.kernels: set[bytes] = set()
        self.builtin: set[bytes] = set()
        count = 0
        for tree in resolve_folders(reader, _TREES):
            for kernel in reader.list(tree):
                if not kernel.is_folder:
                    continue
                self.kernels.add(kernel.name)
                self._add_builtin(reader, kernel.rel)
                for folder in walk_folders(reader, kernel.rel, DEPTH, frozenset((b"build", b"source"))):
                    for entry in reader.list(folder):
                        if entry.is_file and entry.name.endswith(_ENDINGS):
                            count += 1
                            if count > MOST_MODULES:
                                reader.miss(tree, f"more than {MOST_MODULES} modules: the rest was left out")
                                return
                            self.files.setdefault(name_module(entry.name), []).append(entry.rel)

    def _add_builtin(self, reader: Reader, kernel: bytes) -> None:
        file = reader.read(kernel + b"/modules.builtin")
        for _, line in file.lines() if file is not None else ():
            self.builtin.add(name_module(line.rpartition(b"/")[2]))


def name_module(file: bytes) -> bytes:
    """The name the kernel knows a module file by."""
    return file.partition(b".ko")[0].replace(b"-", b"_")


def collect_kernel_modules(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Module files of no package, lines that load modules at boot, and (on this host) modules without a file."""
    modules = _Modules(reader)
    foreign = set()
    for name, places in modules.files.items():
        for rel in places:
            if packages.known and not packages.owner(rel) and not _is_made_here(reader, rel, name):
                foreign.add(name)
                yield from _make_module(reader, packages, rel)
    for file in _read_lists(reader):
        for line in read_lines(file, ("#", ";")):
            name = line.text.split()[0].replace("-", "_").encode(errors="replace")
            facts = {"loaded-at-boot"}
            if name in foreign:
                facts.add("module-foreign")
            if modules.files and name not in modules.files and name not in modules.builtin:
                facts.add("module-missing")
            if packages.origin(file)[0] != "package" and len(facts) > 1:
                yield make_entry(
                    reader, packages, file, "kernel_module", entry=as_text(name, 255), user="root",
                    line=line.number, text=line.raw, facts=frozenset(facts),
                )  # fmt: skip
    if reader.target.info.kind == "live_linux":
        yield from _compare_loaded(reader, packages, modules)


def _is_made_here(reader: Reader, rel: bytes, name: bytes) -> bool:
    """Whether DKMS built it on this machine: it keeps the source under the module's or package's name."""
    if b"/updates/dkms/" not in rel:
        return False
    kept = {entry.name.replace(b"-", b"_") for entry in reader.list(b"var/lib/dkms") if entry.is_folder}
    return any(name.startswith(other) or other.startswith(name.partition(b"_")[0]) for other in kept)


def _make_module(reader: Reader, packages: PackageDatabase, rel: bytes) -> Iterator[Autostart]:
    program = measure_file(reader, rel)
    if program is not None:
        name = as_text(rel.rpartition(b"/")[2], 255)
        facts = frozenset(("module-file-foreign",))
        yield make_program_entry(reader, packages, program, "kernel_module", entry=name, user="root", facts=facts)


def _read_lists(reader: Reader) -> Iterator[SmallFile]:
    seen: set[bytes] = set()
    for rel in known_names("module-load-files"):
        found = read_linked(reader, rel)
        if found is not None:
            seen.add(found[0].rel)
            yield found[0]
    for folder in resolve_folders(reader, known_names("module-load-folders")):
        for file, _ in read_folder(reader, folder, (b".conf",)):
            if file.rel not in seen:
                seen.add(file.rel)
                yield file


def _compare_loaded(reader: Reader, packages: PackageDatabase, modules: _Modules) -> Iterator[Autostart]:
    file = reader.read(LOADED)
    if file is None:
        return
    release = os.uname().release.encode()
    if release not in modules.kernels:
        why = "the running kernel's modules are not here (a container?): what is loaded could not be compared"
        reader.unread.append(Unwalked(LOADED, "skipped", why))
        return
    elsewhere = known_names("modules-from-elsewhere")
    for _, line in file.lines():
        name = line.partition(b" ")[0]
        if name and name.replace(b"-", b"_") not in modules.files and not name.startswith(elsewhere):
            yield make_entry(
                reader, packages, file, "kernel_module", entry=as_text(name, 255), user="root", text=line,
                facts=frozenset(("loaded-without-file", BY_LINE)),
            )  # fmt: skip


def collect_modprobe(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Commands that modprobe runs instead of, or besides, loading or removing a module."""
    harmless = tuple(name.decode() for name in known_names("harmless-installs"))
    for folder in resolve_folders(reader, known_names("modprobe-folders")):
        for file, _ in read_folder(reader, folder, (b".conf",)):
            if packages.origin(file)[0] == "package":
                continue
            for line in read_lines(file):
                words = line.text.split(None, 2)
                if len(words) == 3 and words[0] in ("install", "remove") and not _is_harmless(words[2], harmless):
                    yield make_entry(
                        reader, packages, file, "modprobe", entry=words[1], command=words[2], user="root",
                        line=line.number, text=line.raw, facts=frozenset(("modprobe-command",)),
                    )  # fmt: skip


def _is_harmless(command: str, harmless: tuple[str, ...]) -> bool:
    is_plain = not any(mark in command for mark in (";", "|", "`", "$(", "&"))
    return is_plain and any(command == start or command.startswith(start + " ") for start in harmless)
