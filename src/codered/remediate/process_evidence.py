"""What a process was, kept in the vault before it ends: what it ran, was told, had mapped and open, whom it spoke to.

All of it is the process's own word: it is copied inert and judged by nobody here. What can't be read is listed.
"""

import os
from pathlib import Path

import msgspec

from codered.model.plan import Action, FileState, ProcessState
from codered.remediate.file_state import ChangeFailed, state_of_descriptor
from codered.remediate.placing import write_all
from codered.remediate.processes import PROC, open_exe
from codered.remediate.vault import Vault
from codered.system.descriptors import open_nameless

_MOST_EXE = 256 << 20
_MOST_PART = 16 << 20
_MOST_FILES = 10_000
_ROUGHLY = 1 << 16
_PARTS = ("comm", "cmdline", "environ", "maps", "status", "cgroup", "mountinfo")
_LINKS = ("exe", "cwd", "root")
_SOCKETS = ("tcp", "tcp6", "udp", "udp6", "raw", "unix")


class ProcessPapers(msgspec.Struct, frozen=True, kw_only=True):
    """What /proc said: files as bytes and links as they lead, by their names; open descriptors as (number, where it
    leads); the lines of the kernel's socket tables that are this process's; `missing` could not be read, and why.
    """

    files: dict[str, bytes]
    links: dict[str, bytes]
    descriptors: tuple[tuple[str, bytes], ...]
    sockets: tuple[bytes, ...]
    missing: tuple[str, ...] = ()


class ProcessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the vault holds of a process: the states of its executable (None = could not be kept) and of its papers."""

    action: str
    process: ProcessState
    exe: FileState | None
    papers: FileState
    missing: tuple[str, ...] = ()


def keep_process(action: Action, vault: Vault) -> str:
    """Keep all there is of the action's process; the backup's name. What can't be read is named in the record. Raises
    OSError and ChangeFailed if the vault can't take it.
    """
    process = action.process_state()
    exe, why = _keep_exe(process.pid, vault)
    papers = read_papers(process.pid)
    kept = _keep_bytes(msgspec.json.encode(papers), vault)
    missing = (*papers.missing, *((f"exe: {why}",) if why else ()))
    bare = msgspec.structs.replace(process, command="")  # the record is not inert, so nothing of the worm's is in it
    record = ProcessRecord(action=action.id, process=bare, exe=exe, papers=kept, missing=missing)
    return vault.keep_record(action, msgspec.json.encode(record, order="deterministic"))


def measure_process(process: ProcessState) -> int:
    """About how many bytes the vault will need for it."""
    try:
        fd = open_exe(process.pid)
    except OSError:
        return _ROUGHLY
    try:
        return min(os.fstat(fd).st_size, _MOST_EXE) + _ROUGHLY
    finally:
        os.close(fd)


def read_papers(pid: int) -> ProcessPapers:
    """What /proc says of the process now, each part of at most 16 MiB."""
    home = PROC / str(pid)
    missing: list[str] = []
    files: dict[str, bytes] = {}
    links: dict[str, bytes] = {}
    for name in _PARTS:
        try:
            files[name] = _read_part(home / name)
        except OSError as error:
            missing.append(f"{name}: {error.strerror}")
    for name in _LINKS:
        try:
            links[name] = os.readlink(os.fsencode(home / name))
        except OSError as error:
            missing.append(f"{name}: {error.strerror}")
    descriptors = _read_descriptors(home, missing)
    return ProcessPapers(
        files=files,
        links=links,
        descriptors=descriptors,
        sockets=_find_sockets(home, descriptors),
        missing=tuple(missing),
    )


def _read_part(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_PART)


def _read_descriptors(home: Path, missing: list[str]) -> tuple[tuple[str, bytes], ...]:
    try:
        names = sorted(os.listdir(home / "fd"), key=int)
    except OSError as error:
        missing.append(f"fd: {error.strerror}")
        return ()
    if len(names) > _MOST_FILES:
        missing.append(f"fd: {len(names) - _MOST_FILES} descriptors more than {_MOST_FILES}")
    found = []
    for name in names[:_MOST_FILES]:
        try:
            found.append((name, os.readlink(os.fsencode(home / "fd" / name))))
        except OSError as error:
            missing.append(f"fd {name}: {error.strerror}")
    return tuple(found)


def _find_sockets(home: Path, descriptors: tuple[tuple[str, bytes], ...]) -> tuple[bytes, ...]:
    """The lines of its network's tables whose inode is one of its descriptors."""
    inodes = {link[8:-1] for _, link in descriptors if link.startswith(b"socket:[")}
    found = []
    for name in _SOCKETS if inodes else ():
        try:
            lines = _read_part(home / "net" / name).splitlines()
        except OSError:
            continue
        found += [name.encode() + b" " + line for line in lines if inodes.intersection(line.split())]
    return tuple(found)


def _keep_exe(pid: int, vault: Vault) -> tuple[FileState | None, str]:
    """What the process runs, in the vault, or why not: evidence that can't be had must not save a worm."""
    try:
        fd = open_exe(pid)
        try:
            size = os.fstat(fd).st_size
            if size > _MOST_EXE:
                return None, f"larger than {_MOST_EXE >> 20} MiB: it has {size:,} bytes"
            state = state_of_descriptor(fd)
            vault.keep_content(fd, state)
        finally:
            os.close(fd)
    except OSError as error:
        return None, error.strerror or str(error)
    except ChangeFailed as error:
        return None, str(error)
    return state, ""


def _keep_bytes(raw: bytes, vault: Vault) -> FileState:
    fd = open_nameless("papers")
    try:
        write_all(fd, raw)
        state = state_of_descriptor(fd)
        vault.keep_content(fd, state)
    finally:
        os.close(fd)
    return state
