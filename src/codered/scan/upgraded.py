"""Programs that an upgrade has taken away while they ran: they stay their package's. Whoever puts a program in the
place of another and moves that back looks the same, but for one thing: no package was written since.
"""

from msgspec.structs import replace

from codered.collect.packages import PackageDatabase
from codered.model.process import ProcessesSeen, ProcessSeen


def mark_upgraded(seen: ProcessesSeen, packages: PackageDatabase) -> ProcessesSeen:
    """The same look; a program that is gone from its path is `upgraded` if its package was written since it started."""
    if not packages.known:
        return seen
    return replace(seen, processes=tuple(_mark(process, packages) for process in seen.processes))


def _mark(process: ProcessSeen, packages: PackageDatabase) -> ProcessSeen:
    exe = process.exe
    if exe is None or exe.foreign or exe.memfd or not exe.deleted or process.started is None:
        return process
    listed = packages.listed_at(exe.path.to_bytes().lstrip(b"/"))
    if listed is None or listed < process.started:
        return process
    return replace(process, exe=replace(exe, upgraded=True))
