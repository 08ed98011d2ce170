"""What is told, and how often: each thing at once, the same thing not again and again, a storm of notes as one line.

What came back is never lost in a storm: who makes one would choose what is not told. What was there when the watch
began and is no more than suspicious is kept for the report, and told as a number.
"""

import os
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import get_args

from codered.model.finding import CONFIDENCES, Finding
from codered.model.monitoring import EventKind, MonitorEvent
from codered.model.paths import FilePath
from codered.monitor.keeping import Keeping

AGAIN_AFTER = 60.0  # seconds before the same thing is told once more
MOST_TOLD = 50_000  # things remembered
STORM = 60  # notes of one window that are told singly
WINDOW = 10.0  # seconds
MOST_QUIET = 500  # suspicions of the start that the journal keeps
CAME_BACK: tuple[EventKind, ...] = (
    "reinfected", "found", "new-autostart", "changed-autostart", "new-account", "changed-account", "new-key",
    "new-listener",
)  # fmt: skip
NEVER_HELD_BACK: tuple[EventKind, ...] = (*CAME_BACK, "contained")  # what is frozen is let go by what is told
ALARMING = "alarming"  # the count of what `is_alarming`

Send = Callable[[MonitorEvent], None]


class Alarms:
    """Takes what was seen and hands on what is to be told: to the disk first, then to `send`."""

    def __init__(
        self, keeping: Keeping, send: Send, told: dict[str, int], counts: dict[str, int] | None = None
    ) -> None:
        """`told` and `counts` are those of an earlier run of the watch."""
        self._keeping = keeping
        self._send = send
        self._recent: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._window = (time.monotonic(), 0, 0)
        self._quiet = 0
        self.told: OrderedDict[str, int] = OrderedDict(told)
        kinds = (*get_args(EventKind), ALARMING)
        self.counts: dict[str, int] = {kind: number for kind, number in (counts or {}).items() if kind in kinds}

    def note(self, kind: EventKind, story: str, *, key: str = "", path: FilePath | None = None, plan: str = "") -> bool:
        """Tell something that is no finding; whether it was told now. `key` = what makes it the same thing."""
        event = MonitorEvent(time=datetime.now(UTC), kind=kind, story=story, path=path, plan=plan)
        return self._tell(event, key or f"{kind}\0{story}")

    def find(self, kind: EventKind, finding: Finding, story: str, *, fresh: bool) -> bool:
        """Tell a finding; whether it is news, also where it was told a moment ago. What is not `fresh` (found by
        looking everywhere again) is news only if it is surer, or its file not as it was, when it was told before.
        """
        path = FilePath(finding.subject.path, finding.subject.path_raw) if finding.subject.path else None
        stamp = _read_stamp(path)
        if not fresh and self._is_known(finding, stamp):
            return False
        event = MonitorEvent(time=datetime.now(UTC), kind=kind, story=story, path=path, finding=finding)
        # What was there at the start is known from then on; what came back only once it was really told.
        if self._tell(event, f"{kind}\0{finding.id}\0{finding.confidence}") or kind not in NEVER_HELD_BACK:
            name = _name_told(finding.id, finding.confidence)
            self.told[name] = stamp
            self.told.move_to_end(name)
            if len(self.told) > MOST_TOLD:
                self.told.popitem(last=False)
        return True

    def sum_up_start(self) -> None:
        """The first look is over: tell how many suspicions it met that were not told singly."""
        if self._quiet:
            story = (
                f"{self._quiet} things that are no more than suspicious were there when the watch began: the report "
                "and `codered monitor status` list them"
            )
            self._emit(MonitorEvent(time=datetime.now(UTC), kind="there-at-start", story=story, count=self._quiet))
            self._quiet = 0

    def flush(self) -> None:
        """Tell what a storm has held back, when its window is over."""
        began, _, held = self._window
        if time.monotonic() - began < WINDOW:
            return
        self._window = (time.monotonic(), 0, 0)
        if held:
            story = f"{held} more alerts within {WINDOW:.0f} seconds were counted, not told singly"
            self._emit(MonitorEvent(time=datetime.now(UTC), kind="storm", story=story, count=held))

    def _tell(self, event: MonitorEvent, key: str) -> bool:
        now = time.monotonic()
        before, held_back = self._recent.get(key, (0.0, 0))
        for name in (event.kind, ALARMING) if is_alarming(event) else (event.kind,):
            self.counts[name] = self.counts.get(name, 0) + 1
        if before and now - before < AGAIN_AFTER:
            self._recent[key] = (before, held_back + 1)
            return False
        self._recent[key] = (now, 0)
        self._recent.move_to_end(key)
        if len(self._recent) > MOST_TOLD:
            self._recent.popitem(last=False)
        self.flush()
        if event.kind == "there-at-start" and not is_alarming(event):
            self._quiet += 1
            if self._quiet <= MOST_QUIET:
                self._keep(event)
            return False
        if event.kind not in NEVER_HELD_BACK:
            began, count, held = self._window
            if count >= STORM:
                self._window = (began, count, held + 1)
                return False
            self._window = (began, count + 1, held)
        if held_back:
            event = MonitorEvent(
                time=event.time, kind=event.kind, story=f"{event.story} (and {held_back} times since it was told)",
                path=event.path, finding=event.finding, count=held_back + 1, plan=event.plan,
            )  # fmt: skip
        self._emit(event)
        return True

    def _is_known(self, finding: Finding, stamp: int) -> bool:
        """Whether it was told, just as sure or surer, and its file is as it was then."""
        levels = CONFIDENCES[: CONFIDENCES.index(finding.confidence) + 1]
        return any(self.told.get(_name_told(finding.id, level)) == stamp for level in levels)

    def _emit(self, event: MonitorEvent) -> None:
        self._keep(event)
        self._send(event)

    def _keep(self, event: MonitorEvent) -> None:
        weighty = is_alarming(event) or event.kind in NEVER_HELD_BACK
        with suppress(OSError):  # a full disk must not end the watch: the other ways still tell
            self._keeping.append(event, weighty=weighty)


def is_alarming(event: MonitorEvent) -> bool:
    """Whether it says that something came back, came new, or was there with more than a suspicion."""
    if event.kind in CAME_BACK:
        return True
    return event.kind == "there-at-start" and event.finding is not None and event.finding.confidence != "suspicious"


def _name_told(finding: str, confidence: str) -> str:
    return f"{finding} {confidence}"


def _read_stamp(path: FilePath | None) -> int:
    """The ctime of a file in nanoseconds; 0 if there is none."""
    try:
        return os.lstat(path.to_bytes()).st_ctime_ns if path is not None else 0
    except OSError:
        return 0
