"""The parent's part in what runs and what starts by itself: the first look of a scan of a whole system, in seconds."""

import os
import time

from codered.collect.mounts import REMOTE_FILE_SYSTEMS, find_mount, read_mounts
from codered.model.finding import Finding
from codered.model.patches import PatchAnswer
from codered.model.report import Stage
from codered.model.target import Capability, Place, Target
from codered.model.windows import WindowsSystem
from codered.scan.looks import LookBook
from codered.scan.pool import Pool
from codered.scan.tasks import Collected, Counted, Done

MOST_LEADS = 200
LEADS = "what the infection points to"
_ORDER: dict[Collected, Capability] = {
    "processes": "processes",
    "settings": "registry",
    "autostart": "autostart",
    "accounts": "accounts",
    "iis": "registry",
}
_OFFLINE = ("offline_root", "disk_image")
NO_HIVES = "no hives here: there is no system32\\config with SYSTEM or SOFTWARE in it"
_FOUND_BY_TARGET = ("disk_image", "live_windows")  # where leads are paths that the target itself found
PATCHES = "installed software and its patches"
_TITLES: dict[Collected, str] = {
    "processes": "processes and sockets",
    "settings": "registry and its settings",
    "autostart": "autostart and settings",
    "accounts": "accounts and keys",
    "iis": "web server configuration",
    "patches": PATCHES,
}
_MEMORY = "memory of processes"
# Too wide to follow a trace into: they are looked at in their turn.
_WIDE = frozenset(
    (b"", b"/", b"/usr", b"/bin", b"/sbin", b"/lib", b"/etc", b"/var", b"/home", b"/root", b"/opt", b"/srv", b"/run")
)
_SYSTEM = (b"/usr/", b"/bin/", b"/sbin/", b"/lib", b"/proc/", b"/sys/", b"/dev/pts", b"/boot/")


class LiveStage:
    """Deals out the live tasks and keeps what they came to."""

    def __init__(self, target: Target, book: LookBook) -> None:
        offers = set(target.info.offers)
        self._target = target
        self._has_no_hives = (
            target.info.kind in _OFFLINE and target.info.system == "windows" and "registry" not in offers
        )
        self._wanted: tuple[Collected, ...] = tuple(what for what, needed in _ORDER.items() if needed in offers)
        if offers & {"autostart", "registry"}:  # a whole system: what is not found in it is not there
            self._wanted += ("patches",)
        self._memory = "memory" in offers
        self._book = book
        self._tasks: dict[int, str] = {}
        self._open: dict[str, int] = {}
        self._started = 0.0
        self._seconds: dict[str, float] = {}
        self._found: dict[str, int] = {}
        self._leads: dict[bytes, None] = {}
        self.alarms: list[str] = []
        self.patches: list[PatchAnswer] = []
        self.windows: WindowsSystem | None = None

    def start(self, pool: Pool) -> None:
        """Queue everything that is known to be there; memory follows when the processes are."""
        self._started = time.monotonic()
        for what in self._wanted:
            self._note(pool.add_live(what), _TITLES[what])

    def tell_what_is_missing(self) -> None:
        """Say that a Windows system has no registry to look at: only some of its folders were brought here."""
        if self._has_no_hives:
            self._book.add_counted(Counted("settings", "registry", "skipped", NO_HIVES))

    def owns(self, number: int) -> bool:
        """Whether the task of this number is one of the stage's."""
        return number in self._tasks

    def is_busy(self) -> bool:
        """Whether an answer is still awaited."""
        return any(self._open.values())

    def take(self, pool: Pool, done: Done) -> None:
        """Keep what a task came to; a list of processes becomes looks into their memory, suspects first."""
        title = self._tasks[done.number]
        for item in done.counted:
            self._book.add_counted(item)
        if self._memory:
            for process in sorted(done.processes, key=lambda process: not process.suspect):
                self._note(pool.add_memory(process), _MEMORY)
        self.patches += done.patches
        self.windows = done.windows or self.windows
        self._leads.update(dict.fromkeys(done.leads))
        self.alarms += [tell_alarm(finding) for finding in done.findings if is_alarming(finding)]
        self._found[title] = self._found.get(title, 0) + len(done.findings)
        self._open[title] -= 1
        self._seconds[title] = time.monotonic() - self._started

    def place(self) -> Place | None:
        """What findings point to on the disk, to be looked at before all else; None if they point nowhere."""
        if self._target.info.kind in _FOUND_BY_TARGET:
            paths = list(self._leads)[:MOST_LEADS]
        else:
            mounts = read_mounts()
            paths = [path for path in self._leads if _is_worth_following(path, mounts)][:MOST_LEADS]
        return Place(LEADS, tuple(os.fsdecode(path) for path in paths)) if paths else None

    def stages(self) -> tuple[Stage, ...]:
        """The steps in the order in which they ended."""
        ended = sorted(self._seconds, key=lambda title: self._seconds[title])
        return tuple(
            Stage(what=title, seconds=round(self._seconds[title], 3), findings=self._found[title]) for title in ended
        )

    def _note(self, number: int, title: str) -> None:
        self._tasks[number] = title
        self._open[title] = self._open.get(title, 0) + 1


def is_alarming(finding: Finding) -> bool:
    """Whether it should be told at once: something that runs."""
    return finding.subject.kind in ("process", "memory") and finding.confidence != "suspicious"


def tell_alarm(finding: Finding) -> str:
    """It, in a line."""
    subject = finding.subject
    return f"process {subject.pid} ({subject.key or subject.path or '?'}): {finding.because}"


def _is_worth_following(path: bytes, mounts: dict[bytes, str]) -> bool:
    """Not on a file system for which somebody else answers: a worm may have made one that never does."""
    if path.rstrip(b"/") in _WIDE or path.startswith(_SYSTEM) or not path.startswith(b"/"):
        return False
    if mounts.get(find_mount(path, mounts), "").startswith(REMOTE_FILE_SYSTEMS):
        return False
    return os.path.lexists(path)
