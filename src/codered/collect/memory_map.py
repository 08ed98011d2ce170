"""Which parts of a process's memory are worth reading, from /proc/PID/maps. Its names are hostile; the kernel writes a
newline in one as \\012.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import msgspec

from codered.model.process import MemoryRegion

MOST_REGIONS = 100_000
MOST_LINE = 32 << 10  # bytes; the longest path has 4096, and a newline in it takes four
MOST_NAME = 256  # bytes of a name that are kept
MOST_FILES = 4096  # whose state is remembered
LARGE = 16 << 30  # bytes; a reservation of this size comes last, for finding its few pages takes long
_HIGHEST = 1 << 63  # addresses above can't be read through /proc/PID/mem: they are the kernel's
_ZERO_DEVICE = os.makedev(1, 5)
_DELETED = b" (deleted)"
_KERNEL = frozenset((b"[vdso]", b"[vvar]", b"[vvar_vclock]", b"[vsyscall]", b"[vectors]", b"[sigpage]", b"[uprobes]"))
_SHARED = (b"/memfd:", b"/SYSV", b"/dev/zero (deleted)", b"/dev/shm/", b"[anon_shmem:")

KERNEL_PAGES = "pages of the kernel"
DEVICE_PAGES = "pages of a device"
FILE_PAGES = "shared pages of files that are on disk"

# "apart": only the process's own mounts have the file, so nothing else of the scan reads it
FileState = Literal["there", "apart", "gone", "device", "zero"]


class Mapped(NamedTuple):
    """A line of /proc/PID/maps: the region, its file's device as the kernel writes it, its inode (0 = no file), and
    the region's offset in the file, in bytes.
    """

    region: MemoryRegion
    name: bytes
    device: bytes
    inode: int
    offset: int


class Stretch(msgspec.Struct, gc=False):
    """Adjacent regions that are read alike: addresses in bytes, `end` exclusive; only pages that are present, or only
    those of them that were written; a lower `rank` is read first.
    """

    start: int
    end: int
    written: bool
    rank: int


class MemoryMap(msgspec.Struct):
    """What to read of a process: its regions by address, the stretches in the order of reading, those mappings whose
    file is to be read as well, and for each reason why regions were left out, how many regions and bytes these are.
    """

    regions: list[MemoryRegion] = []
    stretches: list[Stretch] = []
    files: list[Mapped] = []
    skipped: dict[str, tuple[int, int]] = {}
    troubles: list[str] = []


def read_map(folder: str, lines: Iterable[bytes]) -> MemoryMap:
    """What to read, from the lines of `maps` in the process's folder of /proc; never more than 100,000 of them."""
    found = MemoryMap()
    files = _Files(folder)
    gone: list[Mapped] = []
    run: set[tuple[bytes, int]] = set()
    end = unread = 0
    for number, line in enumerate(lines):
        mapped = parse_line(line)
        if number == MOST_REGIONS:
            found.troubles.append(f"more than {MOST_REGIONS} regions: the rest was not read")
            break
        if mapped is None or mapped.region.start < end:
            unread += 1
            continue
        end = mapped.region.end
        state = files.look_at(mapped)
        if reason := _choose_skip(mapped, state):
            regions, size = found.skipped.get(reason, (0, 0))
            found.skipped[reason] = regions + 1, size + end - mapped.region.start
            continue
        private = mapped.region.permissions[3] == "p"  # as a memfd that is run is
        if state in ("gone", "apart") and (private or not _is_shared(mapped)):
            gone.append(mapped._replace(name=b""))
            if "x" in mapped.region.permissions:
                run.add((mapped.device, mapped.inode))
        _add(found, mapped, state)
    if unread:
        found.troubles.append(f"{unread} lines of its map can't be read")
    found.files = [mapped for mapped in gone if (mapped.device, mapped.inode) in run]
    found.stretches.sort(key=lambda stretch: (stretch.end - stretch.start > LARGE, stretch.rank))
    return found


def parse_line(line: bytes) -> Mapped | None:
    """A line of maps; None if it is none."""
    parts = line.removesuffix(b"\n").split(None, 5)
    if len(parts) < 5 or len(parts[1]) != 4:
        return None
    try:
        first, last = parts[0].split(b"-")
        start, end, offset, inode = int(first, 16), int(last, 16), int(parts[2], 16), int(parts[4])
    except ValueError:
        return None
    if not 0 <= start < end <= 1 << 64 or inode < 0 or not 0 <= offset < _HIGHEST:
        return None
    name = parts[5] if len(parts) > 5 else b""
    region = MemoryRegion(
        start=start,
        end=end,
        permissions=sys.intern(parts[1].decode(errors="backslashreplace")),
        what=sys.intern(name[:MOST_NAME].decode(errors="backslashreplace")),
    )
    return Mapped(region, name, parts[3], inode, offset)


def _is_shared(mapped: Mapped) -> bool:
    """Whether it is memory that processes share, or that only looks like a file."""
    return mapped.name.startswith(_SHARED)


def _choose_skip(mapped: Mapped, state: FileState) -> str:
    """Why the region is not read; "" if it is."""
    if mapped.name in _KERNEL or mapped.region.end > _HIGHEST:
        return KERNEL_PAGES
    if state == "device":
        return DEVICE_PAGES
    on_disk = state == "there" or (state == "apart" and "x" not in mapped.region.permissions)
    if mapped.inode and on_disk and mapped.region.permissions[3] == "s" and not _is_shared(mapped):
        return FILE_PAGES
    return ""


def _add(found: MemoryMap, mapped: Mapped, state: FileState) -> None:
    region = mapped.region
    found.regions.append(region)
    written = bool(mapped.inode) and state in ("there", "zero") and not _is_shared(mapped)
    rank = _rank(mapped, state)
    last = found.stretches[-1] if found.stretches else None
    small = region.end - region.start <= LARGE and last is not None and last.end - last.start <= LARGE
    if last is not None and small and last.end == region.start and last.written == written:
        last.end, last.rank = region.end, min(last.rank, rank)
    else:
        found.stretches.append(Stretch(region.start, region.end, written, rank))


def _rank(mapped: Mapped, state: FileState) -> int:
    """The order of reading: code that has no file, data, shared memory, files that are gone, changed pages of files."""
    permissions = mapped.region.permissions
    if mapped.inode and state in ("there", "zero") and not _is_shared(mapped):
        return 4
    if "x" in permissions:
        return 0
    if mapped.inode:
        return 2 if _is_shared(mapped) else 3
    return 1 if "w" in permissions else 5


class _Files:
    """The state of the files behind mappings, each looked at once."""

    def __init__(self, folder: str) -> None:
        self._folder = os.fsencode(folder)
        self._roots: dict[FileState, bytes] = {"there": b"", "apart": self._folder + b"/root"}
        self._known: dict[tuple[bytes, int], FileState] = {}

    def look_at(self, mapped: Mapped) -> FileState:
        """Whether the file has its name still, for us or for the process alone, or is a device; a mapping without a
        file is "there".
        """
        if not mapped.inode:
            return "there"
        key = mapped.device, mapped.inode
        if key not in self._known:
            if len(self._known) == MOST_FILES:
                self._known.clear()
            self._known[key] = self._find_state(mapped)
        return self._known[key]

    def _find_state(self, mapped: Mapped) -> FileState:
        link = self._folder + b"/map_files/%x-%x" % (mapped.region.start, mapped.region.end)
        try:
            status, path = os.stat(link), os.readlink(link)
        except OSError:
            return self._guess_state(mapped)
        if stat.S_ISCHR(status.st_mode) and status.st_rdev == _ZERO_DEVICE:
            return "zero"
        if not stat.S_ISREG(status.st_mode) or path.startswith(b"anon_inode:"):
            return "device"
        if not status.st_nlink:
            return "gone"
        file = status.st_dev, status.st_ino
        return self._find_holder(path, lambda now: (now.st_dev, now.st_ino) == file) or "gone"

    def _guess_state(self, mapped: Mapped) -> FileState:
        """The state by the name alone, where we may not look at the mapped file itself."""
        name = mapped.name
        if name == b"/dev/zero":
            return "zero"
        if name.endswith(_DELETED):
            return "gone"
        if not name.startswith(b"/"):
            return "there" if _is_shared(mapped) else "device"
        path = name.replace(b"\\012", b"\n")
        found = [status for root in self._roots.values() if (status := _stat(root + path)) is not None]
        if name.startswith(b"/dev/") and not _is_shared(mapped) and not any(stat.S_ISREG(s.st_mode) for s in found):
            return "device"
        if not found:
            return "there"
        return self._find_holder(path, lambda now: now.st_ino == mapped.inode) or "gone"

    def _find_holder(self, path: bytes, is_it: Callable[[os.stat_result], bool]) -> FileState | None:
        """Who has the file at this path: we, or only the process, whose root and mounts may be others."""
        for state, root in self._roots.items():
            status = _stat(root + path)
            if status is not None and is_it(status):
                return state
        return None


def _stat(path: bytes) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None
