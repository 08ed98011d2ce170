"""What crosses between the parent and its worker processes: small typed messages, never file content, never pickle."""

from datetime import datetime
from typing import Literal

import msgspec

from codered.collect.walking import Folder, Stamp, Unwalked
from codered.detect.log_tally import LogTally
from codered.model.finding import Finding, Layer
from codered.model.patches import PatchAnswer
from codered.model.report import LookState
from codered.model.windows import WindowsSystem

WHOLE_FILE = -1


class FilesTask(msgspec.Struct, frozen=True, tag="files"):
    """Look at the files (and, by name only, the sub-folders) of these folders. `alone`: one file of a task that killed
    its worker, tried by itself under the same number.
    """

    number: int
    folders: list[Folder]
    alone: bool = False

    def split(self) -> list[Folder]:
        """The same work with one file at a time, and the sub-folders of each folder together."""
        files = [Folder(folder.rel, [name], []) for folder in self.folders for name in folder.files]
        return files + [Folder(folder.rel, [], folder.folders) for folder in self.folders if folder.folders]


class LogTask(msgspec.Struct, frozen=True, tag="log"):
    """Read the web log `rel` from byte `start` to byte `end` (WHOLE_FILE = all of it). `device` and `inode` of the file
    that was recognised; 0 = any.
    """

    number: int
    rel: bytes
    start: int
    end: int
    device: int = 0
    inode: int = 0


Collected = Literal["processes", "settings", "autostart", "accounts", "iis", "patches", "integrity"]


class LiveTask(msgspec.Struct, frozen=True, tag="live"):
    """Collect and judge one kind of what a system does or is set to do, or share `part` of `parts` of it (from 0;
    `parts` 0 = not the packages but the baseline).
    """

    number: int
    what: Collected
    part: int = 0
    parts: int = 1


class MemoryTask(msgspec.Struct, frozen=True, tag="memory"):
    """Look into the memory of a process; `start` in clock ticks since boot, `name` what it calls itself. `owned`: as of
    a RunningProcess.
    """

    number: int
    pid: int
    start: int
    name: str
    owned: bool = False


class DumpRange(msgspec.Struct, frozen=True):
    """Bytes of a memory dump: `offset` and `size` in the file, the memory address of its first byte (None = no segment
    has it), the `segments` it is of ("3", "3 to 5"), and the range of the file around it in which addresses run on.
    """

    offset: int
    size: int
    address: int | None
    segments: str
    run_start: int
    run_end: int


class DumpTask(msgspec.Struct, frozen=True, tag="dump"):
    """Look at these ranges of a memory dump. `alone`: one range of a task that killed its worker."""

    number: int
    ranges: list[DumpRange]
    alone: bool = False


Task = FilesTask | LogTask | LiveTask | MemoryTask | DumpTask


Lead = bytes
"""An absolute path that something found points to."""


class Counted(msgspec.Struct, frozen=True):
    """Something that was looked at, or was not and why: a line of the report. `count` in its own unit, `size` in bytes,
    `example` names one of them.
    """

    layer: Layer
    where: str
    state: LookState = "looked"
    why: str = ""
    count: int = 1
    size: int = 0
    example: str = ""


class RunningProcess(msgspec.Struct, frozen=True):
    """A process whose memory is to be looked at; `suspect`: something speaks against it already. `owned`: it runs a
    package's program, and nothing likely speaks against it.
    """

    pid: int
    start: int
    name: str
    suspect: bool = False
    owned: bool = False


class LogSeen(msgspec.Struct, frozen=True):
    """A file that turned out to be a web log: its size in bytes, whether it can be read from the middle, and which file
    it is: by its name another one may be found later.
    """

    rel: bytes
    size: int
    splittable: bool
    device: int = 0
    inode: int = 0


class CleanRecord(msgspec.Struct, frozen=True, array_like=True):
    """What of a folder was found clean: `files` with what they were then, all on the folder's `device` (0 = there are
    none), and the names of `folders`, which are judged by their paths alone.
    """

    device: int = 0
    files: dict[bytes, Stamp] = {}
    folders: frozenset[bytes] = frozenset()


class CleanFolder(msgspec.Struct, frozen=True):
    """A part of the folder `rel` that was found clean: a packed CleanRecord, and the `device` in it."""

    rel: bytes
    device: int
    record: bytes


class Done(msgspec.Struct, frozen=True):
    """What came of one task. `files` and `bytes` were read; `cpu` and `wall` are seconds the worker spent; `tally` and
    the log's `first` time belong to a LogTask, `processes` and `leads` (absolute paths that findings point to) to live
    ones; `clean` is to be remembered; `windows` is which Windows was found; `unconfined` why who did it could still do
    more than read ("" = it could not).
    """

    number: int
    findings: list[Finding] = []
    unlooked: list[Unwalked] = []
    logs: list[LogSeen] = []
    files: int = 0
    bytes: int = 0
    cpu: float = 0.0
    wall: float = 0.0
    counted: list[Counted] = []
    processes: list[RunningProcess] = []
    leads: list[Lead] = []
    tally: LogTally | None = None
    first: datetime | None = None
    patches: list[PatchAnswer] = []
    clean: list[CleanFolder] = []
    windows: WindowsSystem | None = None
    unconfined: str = ""
