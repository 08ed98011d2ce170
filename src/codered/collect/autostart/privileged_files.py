"""Files that give their caller more rights: SUID and SGID programs, and programs with capabilities."""

import re
import stat
from collections.abc import Iterator

from codered.collect.autostart.known_names import is_known, known_names
from codered.collect.autostart.measuring import ELF, Measured, make_program_entry, measure_file
from codered.collect.autostart.privileged_walk import Privileged, walk_privileged
from codered.collect.autostart.reading import Reader, as_text
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

_VERSION = re.compile(rb"[-0-9.]{1,20}\Z")
_LATER = 3600  # seconds after its package was unpacked
_DANGEROUS = {
    int(number): f"cap-{name}"
    for number, _, name in (value.decode().partition(":") for value in known_names("dangerous-capabilities"))
}


def collect_privileged_files(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """SUID and SGID programs and those with dangerous capabilities, but for what packages are known to bring so. The
    kernel heeds the bits of machine code only, so nothing else is told.
    """
    for found in walk_privileged(reader):
        facts = _judge(reader, packages, found)
        if not facts:
            continue
        program = measure_file(reader, found.rel)
        if program is not None and program.head.startswith(ELF):
            yield _make_entry(reader, packages, found, program, facts)


def _make_entry(
    reader: Reader, packages: PackageDatabase, found: Privileged, program: Measured, facts: set[str]
) -> Autostart:
    name = as_text(found.rel.rpartition(b"/")[2], 255)
    kind = "suid" if facts & {"suid-root", "suid", "sgid"} else "capabilities"
    return make_program_entry(
        reader, packages, program, "suid" if kind == "suid" else "capabilities", entry=name,
        command=f"/{as_text(found.rel)}", facts=frozenset(facts),
    )  # fmt: skip


def _judge(reader: Reader, packages: PackageDatabase, found: Privileged) -> set[str]:
    """What makes it worth telling; nothing if it is as it should be."""
    bare = _bare(found.rel)
    owner = packages.owner(found.rel)
    if not packages.known or (owner and (is_known("expected-suid", bare) or is_known("expected-capabilities", bare))):
        return set()
    facts = _name_rights(found)
    if not facts or (not owner and found.inner and (is_known("expected-suid", _bare(found.inner)))):
        return set()
    opener = is_opener(found.rel.rpartition(b"/")[2])
    if opener:
        facts.add("opens-a-shell")
    if owner:
        if not opener and not facts & {"suid-root", "capable"}:
            return set()
        facts.add("owned")
        if _is_later(reader, owner, found.ctime):
            facts.add("changed-after-unpacking")
    elif is_known("known-foreign-suid", found.rel.rpartition(b"/")[2]):
        facts.add("known-name")
    if found.rel.startswith(tuple(place + b"/" for place in known_names("temporary-folders"))):
        facts.add("in-temporary-folder")
    if b"/." in found.rel or found.rel.startswith(b"."):
        facts.add("in-hidden-place")
    return facts


def _name_rights(found: Privileged) -> set[str]:
    facts = set()
    runnable = found.mode & 0o111
    if found.mode & stat.S_ISUID and runnable:
        facts |= {"suid", "suid-root"} if found.uid == 0 else {"suid"}
    if found.mode & stat.S_ISGID and runnable & 0o011 and found.gid < 1000:
        facts.add("sgid")
    dangerous = {name for number, name in _DANGEROUS.items() if found.capabilities >> number & 1}
    if dangerous:
        facts |= {"capable", *dangerous}
    return facts


def is_opener(name: bytes) -> bool:
    """Whether a program of this name lets its caller run, read or write what he likes."""
    plain = _VERSION.sub(b"", name)
    return is_known("openers", name) or is_known("interpreters-with-versions", plain)


def _bare(rel: bytes) -> bytes:
    """The path without what differs between systems: usr/, and the folder of an architecture."""
    return re.sub(rb"^lib(?:64|32)?/[a-z0-9_]{1,20}-linux-gnu[a-z0-9]{0,12}/", b"lib/", rel.removeprefix(b"usr/"))


def _is_later(reader: Reader, package: str, ctime: float) -> bool:
    name = package.encode(errors="surrogateescape")
    folder = b"var/lib/dpkg/info/"
    for ending in (b".list", b":amd64.list", b":arm64.list", b":i386.list"):
        status = reader.stat(folder + name + ending)
        if status is not None:
            return ctime > status.st_mtime + _LATER
    return False
