"""How long a watch has lasted: by the clock that counts suspended time and that nobody can set; across a reboot by the
time of day, but never less than the host has been up again.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

from codered.model.monitoring import Gap, Heartbeat

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_MOST_SILENCE = 30.0  # seconds without a heartbeat that are no gap


def read_boot() -> str:
    """The id of this boot. Raises OSError."""
    return _BOOT_ID.read_text("ascii").strip()


def read_up() -> float:
    """Seconds since the host was started, suspended time included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Lasting:
    """The length of one watch, in seconds; `last` is the last heartbeat of an earlier run of it."""

    def __init__(self, wanted: float, last: Heartbeat | None = None) -> None:
        self._wanted = wanted
        self._boot = read_boot()
        self._began = read_up()
        self._before = last.elapsed + measure_silence(last, self._boot, self._began) if last is not None else 0.0

    def elapsed(self) -> float:
        """Seconds since the watch began, gaps included."""
        return self._before + read_up() - self._began

    def left(self) -> float:
        """Seconds to its end; 0 if it is over."""
        return max(0.0, self._wanted - self.elapsed())

    def beat(self, pid: int, counts: dict[str, int]) -> Heartbeat:
        """A sign of life."""
        return Heartbeat(
            time=datetime.now(UTC), boot=self._boot, up=read_up(), elapsed=self.elapsed(), pid=pid, counts=dict(counts)
        )


def measure_silence(last: Heartbeat, boot: str, up: float) -> float:
    """Seconds from a heartbeat to now. A clock that was set back does not shorten them below what is certain."""
    if last.boot == boot:
        return max(0.0, up - last.up)
    return max(up, (datetime.now(UTC) - last.time).total_seconds())


def find_gap(last: Heartbeat, why: str) -> Gap | None:
    """The time since the last heartbeat in which nothing was watched; None if it is too short to be one."""
    boot, up = read_boot(), read_up()
    if last.boot == boot and up - last.up < _MOST_SILENCE and not why:
        return None
    story = why or ("the host was started anew" if last.boot != boot else "the watch did not run")
    now = datetime.now(UTC)
    return Gap(since=min(last.time, now), until=now, why=story)
