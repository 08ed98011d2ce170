"""Tasks of NT 4 to 2003: `.job` files, a fixed header and counted strings, every length hostile."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.windows.autostart.entries import as_bytes, of_file
from codered.collect.windows.autostart.machine import WindowsMachine
from codered.model.persistence import Autostart

MOST_JOBS = 5000
MOST_READ = 64 << 10
MOST_TEXT = 8192  # characters of one string
_HEADER = struct.Struct("<HH16sHH")
_FLAGS_AT = 48
_HIDDEN = 0x200
_STRINGS_AT = 70


class Job(NamedTuple):
    """What a job runs, with what arguments, for whom, its author; `flags` as the file has them."""

    program: str
    arguments: str
    author: str
    flags: int


def collect_job_files(machine: WindowsMachine) -> Iterator[Autostart]:
    """One entry a job."""
    folder = f"{machine.root}\\Tasks"
    jobs = [item for item in machine.list_folder(folder) if item.kind == "file" and item.name.lower().endswith(".job")]
    if len(jobs) > MOST_JOBS:
        machine.miss(folder, f"more than {MOST_JOBS} jobs: the rest was left out")
    for item in jobs[:MOST_JOBS]:
        file = machine.read(item.rel, MOST_READ)
        if file is None:
            continue
        try:
            job = read_job(file.data)
        except ValueError as error:
            machine.miss(f"{folder}\\{item.name}", str(error))
            continue
        program = f'"{job.program}"' if " " in job.program and not job.program.startswith('"') else job.program
        command = f"{program} {job.arguments}".strip()
        facts = {"win-job"} | ({"win-hidden"} if job.flags & _HIDDEN else set())
        yield of_file(
            machine, "task", file, command, entry=item.name, user=job.author, text=as_bytes(command),
            facts=frozenset(facts),
        )  # fmt: skip


def read_job(data: bytes) -> Job:
    """The job of a file's bytes. Raises ValueError if they are none."""
    if len(data) < _STRINGS_AT + 2:
        raise ValueError("too short for a job file")
    _, version, _, name_at, _ = _HEADER.unpack_from(data)
    if version != 1 or name_at != _STRINGS_AT:
        raise ValueError("no job file of a version that is known")
    (flags,) = struct.unpack_from("<I", data, _FLAGS_AT)
    at = _STRINGS_AT
    texts = []
    for _ in range(4):  # the program, its arguments, the working folder, the author
        if at + 2 > len(data):
            raise ValueError("its strings end early")
        count = int.from_bytes(data[at : at + 2], "little")
        end = at + 2 + 2 * count
        if count > MOST_TEXT or end > len(data):
            raise ValueError("a string in it is longer than the file")
        texts.append(data[at + 2 : end].decode("utf-16-le", "replace").partition("\0")[0])
        at = end
    return Job(texts[0], texts[1], texts[3], flags)
