"""What is gone first: the clock, what runs, its connections, and the memory of the processes that are named."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from codered.collect.process_files import read_at
from codered.collect.process_identity import read_stat
from codered.collect.process_memory import SECONDS, ProcessMemory, open_memory
from codered.collect.process_memory import ProgramChanged as MemoryChanged
from codered.collect.processes import collect_processes
from codered.evidence.container import EvidenceContainer, Kept
from codered.model.evidence import ItemKind, ItemOrigin
from codered.model.process import MemoryRegion, ProcessId
from codered.scan.evidence_files import MOST_FILE, read_pieces

MOST_TEXT = 16 << 20  # bytes of one file of /proc
MOST_MEMORY = 64 << 20  # bytes of a process in whose memory nothing was found
MOST_REGION = 256 << 20
MOST_DESCRIPTORS = 4096
_PIECE = 1 << 16
_TABLES = ("tcp", "tcp6", "udp", "udp6", "raw", "raw6", "packet", "unix", "arp", "route", "ipv6_route")
_DETAILS = ("status", "cmdline", "maps", "limits", "cgroup", "mountinfo", "stat", "io", "loginuid")
_SYNCHRONISED = "/run/systemd/timesync/synchronized"


class HostState(msgspec.Struct, frozen=True, kw_only=True):
    """The machine and its clocks: seconds of the wall clock since the epoch (`wall`), since boot (`uptime`), the boot
    as the kernel has it, and what is known of how right the clock is.
    """

    at: datetime
    wall: float
    uptime: str
    boot_id: str
    boot_time: str
    kernel: str
    time_zone: str
    clock: str


def collect_host(container: EvidenceContainer) -> None:
    """The clocks, before all else. Raises DiskFull."""
    boot_time = next((line for line in _read_text("/proc/stat").splitlines() if line.startswith("btime")), "")
    told = "systemd says that it was set by a time server" if os.path.exists(_SYNCHRONISED) else "nobody vouches for it"
    state = HostState(
        at=datetime.now(UTC), wall=time.time(), uptime=_read_text("/proc/uptime").strip(), boot_id=read_boot_id(),
        boot_time=boot_time, kernel=_read_text("/proc/version").strip(), time_zone=time.strftime("%z %Z"),
        clock=f"{told}; its offset from other clocks was not measured",
    )  # fmt: skip
    _keep_text(container, ItemOrigin(kind="host", source="clocks and kernel"), msgspec.json.encode(state))
    _keep_proc(container, ItemOrigin(kind="host", source="/proc/modules"))


def collect_running(container: EvidenceContainer) -> None:
    """All processes as the scan sees them, and the tables of sockets. Raises DiskFull."""
    try:
        seen = collect_processes()
    except OSError as error:
        container.leave_out("running processes", error.strerror or str(error))
        return
    body = b"[" + b",\n".join(msgspec.json.encode(one) for one in (*seen.processes, *seen.hidden)) + b"]\n"
    _keep_text(container, ItemOrigin(kind="processes", source="every process, and what hides"), body)
    held = [(one.id.pid, one.name, one.connections) for one in seen.processes if one.connections]
    _keep_text(container, ItemOrigin(kind="sockets", source="sockets by process"), msgspec.json.encode(held))
    for table in _TABLES:
        _keep_proc(container, ItemOrigin(kind="sockets", source=f"/proc/net/{table}"))
    for gap in seen.unread:
        container.leave_out(gap.what, gap.why)


def collect_process(container: EvidenceContainer, process: ProcessId, include_secrets: bool) -> None:
    """What /proc tells of one process, and its program, which may have no name any more. Raises DiskFull."""
    what = f"process {process.pid}"
    try:
        folder = os.open(f"/proc/{process.pid}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        container.leave_out(what, "it had ended")
        return
    try:
        if read_stat(f"/proc/self/fd/{folder}").start != process.start:
            container.leave_out(what, "it had ended: another one has its number")
            return
        for name in _DETAILS:
            _keep_detail(container, process, (folder, name))
        environment = read_at(folder, "environ", MOST_TEXT)
        shown = environment if include_secrets else _hide_values(environment)
        _keep_text(container, _tell_origin(process, "environ" if include_secrets else "environ, names only"), shown)
        links = msgspec.json.encode(_read_links(folder))
        _keep_text(container, _tell_origin(process, "descriptors, working folder and root"), links)
        _keep_program(container, process, folder)
    except ProcessLookupError:
        container.leave_out(what, "it ended while it was looked at")
    except OSError as error:
        container.leave_out(what, error.strerror or str(error))
    finally:
        os.close(folder)


def collect_memory(container: EvidenceContainer, process: ProcessId, addresses: frozenset[int]) -> None:
    """The regions in which something was found; of a process without any the pages that the scan would read, the most
    telling first, up to MOST_MEMORY. Raises DiskFull.
    """
    what = f"memory of process {process.pid}"
    try:
        with open_memory(process) as memory:
            regions = {}
            for address in sorted(addresses):
                try:
                    region = memory.region_at(address)
                    regions[region.start] = region
                except (LookupError, OSError):
                    container.leave_out(f"{what} at {address:#x}", "there is no such region now")
            memory.grant(SECONDS)
            for region in regions.values():
                _keep_memory(container, process, memory, region)
            if not addresses:
                _keep_memory(container, process, memory, None)
    except (ProcessLookupError, MemoryChanged):
        container.leave_out(what, "it had ended")
    except OSError as error:
        container.leave_out(what, error.strerror or str(error))


def measure_memory(process: ProcessId, addresses: frozenset[int]) -> int:
    """About how many bytes `collect_memory` would keep: at most what is resident."""
    fields = _read_text(f"/proc/{process.pid}/statm").split()
    resident = int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if len(fields) > 1 and fields[1].isdigit() else 0
    return min(resident, MOST_REGION if addresses else MOST_MEMORY)


def read_boot_id() -> str:
    """The kernel's id of this boot, "" if it has none."""
    return _read_text("/proc/sys/kernel/random/boot_id").strip()


def _keep_memory(
    container: EvidenceContainer, process: ProcessId, memory: ProcessMemory, region: MemoryRegion | None
) -> None:
    runs: list[tuple[int, int]] = []
    kept = Kept()
    place = f"{region.start:#x}-{region.end:#x} {region.permissions} {region.what}" if region else "pages in memory"
    origin = ItemOrigin(kind="memory", source=place[:400], pid=process.pid, start=process.start)
    if container.add(origin, _read_memory(memory, region, runs, kept), kept) is None:
        return
    text = msgspec.json.encode([(f"{start:#x}", length) for start, length in runs])
    runs_of = ItemOrigin(kind="memory-runs", source=f"addresses and lengths of the item before: {place}"[:400],
                         pid=process.pid, start=process.start)  # fmt: skip
    _keep_text(container, runs_of, text)


def _read_memory(
    memory: ProcessMemory, region: MemoryRegion | None, runs: list[tuple[int, int]], kept: Kept
) -> Iterator[bytes]:
    """The bytes that are present, once, without the gaps between them; `runs` is told where they lie. Raises OSError
    and ProcessLookupError.
    """
    left, end, stretch = (MOST_REGION if region else MOST_MEMORY), 0, -1
    for chunk in memory.chunks_of(region) if region else memory.chunks():
        end, stretch = (end if chunk.stretch == stretch else 0), chunk.stretch
        for address, length in chunk.extents:
            start, stop = max(address, end), address + length  # two chunks share a little
            end = stop
            wanted = min(stop - start, left)
            if wanted < stop - start:
                kept.full_size = memory.summary.bytes + stop - start
            if wanted <= 0:
                return
            data = memory.read(msgspec.structs.replace(chunk, extents=((start, wanted),))).data
            if runs and sum(runs[-1]) == start:
                runs[-1] = (runs[-1][0], runs[-1][1] + len(data))
            else:
                runs.append((start, len(data)))
            left -= len(data)
            yield data


def _keep_detail(container: EvidenceContainer, process: ProcessId, place: tuple[int, str]) -> None:
    folder, name = place
    try:
        data = read_at(folder, name, MOST_TEXT)
    except FileNotFoundError:
        return
    except ProcessLookupError:
        raise
    except OSError as error:
        container.leave_out(f"process {process.pid}: {name}", error.strerror or str(error))
        return
    _keep_text(container, _tell_origin(process, name), data)


def _keep_program(container: EvidenceContainer, process: ProcessId, folder: int) -> None:
    try:
        fd = os.open("exe", os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        container.leave_out(f"program of process {process.pid}", error.strerror or str(error))
        return
    kept = Kept()
    try:
        container.add(_tell_origin(process, "exe", "program"), read_pieces(fd, kept, MOST_FILE), kept)
    finally:
        os.close(fd)


def _tell_origin(process: ProcessId, name: str, kind: ItemKind = "process") -> ItemOrigin:
    return ItemOrigin(kind=kind, source=f"/proc/{process.pid}/{name}", pid=process.pid, start=process.start)


def _read_links(folder: int) -> dict[str, str]:
    found: dict[str, str] = {}
    names = ["cwd", "root", "exe"]
    with suppress(OSError):
        fds = os.open("fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
        try:
            names += [f"fd/{name}" for name in sorted(os.listdir(fds), key=int)[:MOST_DESCRIPTORS]]
        finally:
            os.close(fds)
    for name in names:
        with suppress(OSError):
            found[name] = os.fsencode(os.readlink(name, dir_fd=folder)).decode(errors="backslashreplace")
    return found


def _hide_values(environment: bytes) -> bytes:
    return b"\0".join(entry.partition(b"=")[0] for entry in environment.split(b"\0"))


def _keep_proc(container: EvidenceContainer, origin: ItemOrigin) -> None:
    try:
        data = _read_pieces(origin.source)
    except FileNotFoundError:
        return
    except OSError as error:
        container.leave_out(origin.source, error.strerror or str(error))
        return
    _keep_text(container, origin, data)


def _keep_text(container: EvidenceContainer, origin: ItemOrigin, body: bytes) -> None:
    container.add(origin, (body,) if body else ())


def _read_text(path: str) -> str:
    try:
        return _read_pieces(path).decode(errors="backslashreplace")
    except OSError:
        return ""


def _read_pieces(path: str) -> bytes:
    """At most MOST_TEXT bytes of a file of the kernel's, in small pieces: of some it gives no large ones. Raises
    OSError.
    """
    data = b""
    with open(path, "rb", buffering=0) as file:
        while len(data) < MOST_TEXT and (piece := file.read(_PIECE)):
            data += piece
    return data
