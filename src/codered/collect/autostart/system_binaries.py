"""The system's own programs: those that are not what their package brought, and strangers among them."""

import time
from collections.abc import Iterator

from codered.collect.autostart.known_names import is_known, known_names
from codered.collect.autostart.measuring import ELF, Measured, make_program_entry, measure_file
from codered.collect.autostart.places import resolve_folders
from codered.collect.autostart.programs import is_script
from codered.collect.autostart.reading import Entry, Reader, as_text
from codered.collect.packages import PackageDatabase
from codered.collect.walking import Unwalked
from codered.model.persistence import Autostart

MOST_SECONDS = 3.0
UNPACKED = 3600  # seconds: what changed later than this after its package came was changed by somebody else
MOST_BYTES = 128 << 20


def collect_system_binaries(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Programs of packages with other content than on record (those that intruders replace first whatever their times
    say, and as far as the time goes what changed after its package came), and programs of no package with a deceptive
    name or that are copies of a shell.
    """
    if not packages.known:
        return
    folders = resolve_folders(reader, known_names("system-program-folders"))
    programs = [entry for folder in folders for entry in reader.list(folder) if entry.is_file]
    shells = _read_shell_sums(packages, programs)
    ends = time.monotonic() + MOST_SECONDS
    left_out = []
    for entry in sorted(programs, key=_rank):
        first = is_known("replaced-first", entry.name)
        if not packages.owner(entry.rel):
            yield from _check_stranger(reader, packages, entry, shells)
        elif not first and time.monotonic() > ends:
            left_out.append(entry.rel)
        elif first or _is_later(reader, packages, entry.rel):
            yield from _check_owned(reader, packages, entry)
    if left_out:
        why = f"{len(left_out)} programs changed after their package came; the time went out before they were compared"
        reader.unread.append(Unwalked(left_out[0], "skipped", why))


def _rank(entry: Entry) -> tuple[bool, bytes]:
    return not is_known("replaced-first", entry.name), entry.rel


def _is_later(reader: Reader, packages: PackageDatabase, rel: bytes) -> bool:
    status = reader.stat(rel)
    unpacked = packages.listed_at(rel)
    return unpacked is None or status is None or status.st_ctime > unpacked.timestamp() + UNPACKED


def _check_owned(reader: Reader, packages: PackageDatabase, entry: Entry) -> Iterator[Autostart]:
    recorded = packages.recorded_sum(entry.rel)
    program = measure_file(reader, entry.rel, MOST_BYTES) if recorded else None
    if program is None or program.md5 == recorded:
        return
    facts = {"program-changed"}
    if is_script(program.head):
        facts.add("became-script")
    yield _make(reader, packages, program, facts)


def _check_stranger(
    reader: Reader, packages: PackageDatabase, entry: Entry, shells: frozenset[str]
) -> Iterator[Autostart]:
    status = reader.stat(entry.rel)
    if status is None or not status.st_mode & 0o111:
        return
    facts = set()
    plain = entry.name.strip()
    if plain != entry.name or any(byte < 32 for byte in entry.name):
        facts.add("deceptive-name")
    if entry.name.startswith(b"."):
        facts.add("in-hidden-place")
    if 20_000 < status.st_size < 4_000_000:
        program = measure_file(reader, entry.rel, MOST_BYTES)
        if program is not None and program.md5 in shells:
            facts.add("copy-of-shell")
    if not facts:
        return
    program = measure_file(reader, entry.rel, MOST_BYTES)
    if program is not None and (program.head.startswith(ELF) or is_script(program.head)):
        yield _make(reader, packages, program, facts | {"program-foreign"})


def _make(reader: Reader, packages: PackageDatabase, program: Measured, facts: set[str]) -> Autostart:
    return make_program_entry(
        reader, packages, program, "system_binary", entry=as_text(program.rel.rpartition(b"/")[2], 255),
        command=f"/{as_text(program.rel)}", facts=frozenset(facts),
    )  # fmt: skip


def _read_shell_sums(packages: PackageDatabase, programs: list[Entry]) -> frozenset[str]:
    """The checksums that packages have on record for their shells."""
    names = {name.rpartition(b"/")[2] for name in known_names("usual-shells")}
    found = {packages.recorded_sum(entry.rel) for entry in programs if entry.name in names}
    return frozenset(found - {""})
