"""Which process a folder of /proc shows, when it started, and whether anything of it still runs."""

import os
from contextlib import suppress
from datetime import datetime

from codered.collect.process_status import StatLine, parse_boot_time, parse_stat, tell_start
from codered.model.process import ProcessId

MOST_STAT = 1 << 16  # bytes of a process's line
_MOST_SYSTEM = 4 << 20  # bytes of /proc/stat: a line a processor
ENDED = "ZXx"  # states of what does not run any more


def read_stat(folder: str) -> StatLine:
    """The line of the process or thread with this folder. Raises ProcessLookupError if there is none."""
    try:
        with open(f"{folder}/stat", "rb") as file:
            line = parse_stat(file.read(MOST_STAT))
    except OSError:
        raise ProcessLookupError(folder) from None
    if line is None:
        raise ProcessLookupError(folder)
    return line


def identify_process(pid: int, proc: str = "/proc") -> ProcessId | None:
    """Which process has this pid now; None if none has."""
    try:
        line = read_stat(f"{proc}/{pid}")
    except ProcessLookupError:
        return None
    return ProcessId(line.pid, line.start) if line.pid == pid else None


def find_living(folder: str) -> str:
    """The folder of /proc that shows the memory and files of a process: its own, or, where its first thread has ended
    and others go on, that of one of these. Raises ProcessLookupError if all of it has ended.
    """
    if read_stat(folder).state not in ENDED:
        return folder
    try:
        with os.scandir(f"{folder}/task") as threads:
            for thread in threads:
                with suppress(ProcessLookupError):
                    if read_stat(thread.path).state not in ENDED:
                        return thread.path
    except OSError:
        pass
    raise ProcessLookupError(folder)


def read_boot_time(proc: str = "/proc") -> int | None:
    """When the machine was started, seconds since the epoch; None if the system does not say."""
    try:
        with open(f"{proc}/stat", "rb") as file:
            return parse_boot_time(file.read(_MOST_SYSTEM))
    except OSError:
        return None


def find_start(process: ProcessId, proc: str = "/proc") -> datetime | None:
    """When the process started, in UTC; None if the system does not say when it was booted."""
    return tell_start(read_boot_time(proc), process.start, os.sysconf("SC_CLK_TCK"))
