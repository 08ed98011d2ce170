"""The progress display on stderr, drawn by its own thread so that it never stalls; without a terminal, some lines."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from codered.cli.output import say
from codered.export.writing.escaping import printable
from codered.scan.request import OnProgress, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Display

MOST_ALARMS = 5
SECONDS_BETWEEN_LINES = 15.0  # where there is no terminal


@contextmanager
def show_progress() -> Iterator[OnProgress]:
    """A function to tell the progress to, while the display is up."""
    if not sys.stderr.isatty():
        yield _make_teller()
        return
    display = _make_display()
    task = display.add_task("starting", total=None, count="")

    alarms = _Alarms()

    def tell(now: Progress) -> None:
        alarms.tell(now)
        if not display.live.is_started:
            display.start()  # only now: the workers must be forked before this thread runs
        elapsed = max(display.tasks[task].elapsed or 0.0, 0.001)
        rate = (now.bytes + now.log_bytes) / elapsed / 1e6
        found = f" · {now.findings} found" if now.findings else ""
        if now.seconds_left >= 0:
            left = f"{now.seconds_left:.0f} s left{found}"
            display.update(task, description=now.place, completed=elapsed, total=elapsed + now.seconds_left, count=left)
            return
        display.update(
            task,
            description=printable(now.place[-30:]) if now.place else "scanning",
            completed=now.files,
            total=now.files_known if now.walked else None,
            count=f"{now.files:,} files · {rate:,.0f} MB/s{found}",
        )

    try:
        yield tell
    finally:
        if display.live.is_started:
            display.stop()


class _Alarms:
    """Tells each live infection once, at once: nobody should wait for the disk to hear of it."""

    def __init__(self) -> None:
        self._told = 0

    def tell(self, now: Progress) -> None:
        """Say what is new."""
        new = now.alarms[self._told :]
        for alarm in new[: max(MOST_ALARMS - self._told, 0)]:
            say(f"codered: LIVE: {alarm}")
        if new and not self._told and now.seconds_left >= 0:
            say("codered: LIVE: contain it now, from another terminal: codered contain on; Ctrl-C ends this watch")
        elif new and not self._told:
            say("codered: LIVE: stop it before the disk is looked through: Ctrl-C, then codered respond --fast")
        self._told += len(new)


def _make_teller() -> OnProgress:
    """Without a terminal: a line now and then, so that a long scan in a log or a pipe is seen to be alive."""
    last = time.monotonic()
    alarms = _Alarms()

    def tell(now: Progress) -> None:
        nonlocal last
        alarms.tell(now)
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            if now.seconds_left >= 0:
                say(f"codered: {now.place}: {now.seconds_left:.0f} s left, {now.findings} found so far")
                return
            size = (now.bytes + now.log_bytes) / 1e6
            say(f"codered: {now.files:,} files, {size:,.0f} MB, {now.findings} found so far")

    return tell


def _make_display() -> "Display":
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Display

    return Display(
        SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=30),
        TextColumn("{task.fields[count]}"), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True, refresh_per_second=12,
    )  # fmt: skip
