"""Example processes: what a process list would show, as data. Nothing is ever started."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from codered.model.errors import WrongUse
from codered.model.paths import FilePath
from codered.model.process import Connection, Executable, ProcessId, ProcessSeen
from codered.packs.decoding import decode_document
from codered.packs.strict_yaml import Document, read_document, shorten

System = Literal["windows", "linux"]
MOST_PROCESSES = 1000
FIRST_PID = 1000
_STARTED = datetime(2026, 1, 1, tzinfo=UTC)
_OTHER_UID = 1000


class ExampleProcess(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One process: `name` is what it calls itself, `exe` its program ("" = not known), `parent` the name of an earlier
    process of the list ("" = process 1), `listens` TCP ports, `package` what owns the program ("" = none).
    """

    name: str
    exe: str = ""
    command: tuple[str, ...] = ()
    parent: str = ""
    user: str = "root"
    threads: int = 1
    listens: tuple[int, ...] = ()
    package: str = ""
    deleted: bool = False


class ProcessExample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The processes of an example, in the order they were started, and the system they run on."""

    about: str
    system: System
    processes: tuple[ExampleProcess, ...]


def read_processes(example: Path) -> tuple[System, tuple[ProcessSeen, ...]]:
    """The system, and its processes as a scan would have seen them. Raises WrongUse with file and line."""
    document = read_document(example)
    described = decode_document(document, ProcessExample)
    return described.system, _make_processes(described.processes, document)


def _make_processes(described: tuple[ExampleProcess, ...], document: Document) -> tuple[ProcessSeen, ...]:
    if not 0 < len(described) <= MOST_PROCESSES:
        advice = f"an example has 1 to {MOST_PROCESSES} processes"
        raise WrongUse(f"has {len(described)} processes", where=document.where, advice=advice)
    pids: dict[str, int] = {"": 1}
    seen: list[ProcessSeen] = []
    for number, item in enumerate(described):
        if item.parent not in pids:
            advice = "name a process further up in the list, or leave `parent` out"
            where = document.place_of("processes", number, "parent")
            raise WrongUse(f"no process `{shorten(item.parent)}` before it", where=where, advice=advice)
        seen.append(_make_process(item, FIRST_PID + number, pids[item.parent]))
        pids[item.name] = FIRST_PID + number
    return tuple(seen)


def _make_process(item: ExampleProcess, pid: int, parent: int) -> ProcessSeen:
    program = Executable(path=FilePath(item.exe), deleted=item.deleted, package=item.package) if item.exe else None
    return ProcessSeen(
        id=ProcessId(pid, pid * 100),
        parent=parent,
        name=item.name,
        command=item.command,
        exe=program,
        uid=0 if item.user == "root" else _OTHER_UID,
        user=item.user,
        threads=item.threads,
        started=_STARTED,
        connections=tuple(
            Connection(protocol="tcp", local="0.0.0.0", local_port=port, state="LISTEN")  # noqa: S104 - only data
            for port in item.listens
        ),
    )
