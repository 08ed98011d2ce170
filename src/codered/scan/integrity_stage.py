"""The layer of integrity, the parent's part: which shares there are, and what came of all of them."""

import time

from codered.collect.package_sums import count_shares
from codered.model.finding import Finding
from codered.model.report import Stage
from codered.model.target import Target
from codered.scan.looks import LookBook
from codered.scan.pool import Pool
from codered.scan.request import ScanRequest
from codered.scan.tasks import Counted, Done

TITLE = "packages and known good"
NO_RECORDS = "no packages that could be compared: there are no records of dpkg or rpm"
FAST = "asked to be fast: only the baseline was compared"


class IntegrityStage:
    """Deals out the look at packages on a whole Linux system, and at the baseline if there is one."""

    def __init__(self, target: Target, request: ScanRequest, book: LookBook) -> None:
        is_whole = "autostart" in target.info.offers and target.info.system == "linux"
        self._has_packages = is_whole and not request.fast and not request.logs_only
        self._has_baseline = request.baseline is not None and not request.logs_only  # asked for: never left out
        self._is_fast = is_whole and request.fast and self._has_baseline
        self._target = target
        self._book = book
        self._of_baseline: int | None = None
        self._open: set[int] = set()
        self._numbers: set[int] = set()
        self._found: dict[str, Finding] = {}
        self._started = self._seconds = 0.0

    def start(self, pool: Pool, cores: int) -> None:
        """Queue it all, the baseline first: it can't be shared."""
        self._started = time.monotonic()
        if self._has_baseline:
            self._of_baseline = self._note(pool.add_live("integrity", parts=0))
        if self._is_fast:
            self._book.add_counted(Counted("integrity", "packages", "skipped", FAST))
        if not self._has_packages:
            return
        shares = count_shares(self._target, cores)
        for part in range(shares):
            self._note(pool.add_live("integrity", part, shares))
        if not shares and not self._has_baseline:
            self._book.add_counted(Counted("integrity", "packages", "skipped", NO_RECORDS))  # autostart has the gap

    def owns(self, number: int) -> bool:
        """Whether the task of this number is one of the stage's."""
        return number in self._numbers

    def is_busy(self) -> bool:
        """Whether an answer is still awaited."""
        return bool(self._open)

    def take(self, done: Done) -> None:
        """Keep what a task came to. Where a baseline and a package say the same of a file, the baseline counts."""
        for item in done.counted:
            self._book.add_counted(item)
        for finding in done.findings:
            if done.number == self._of_baseline or finding.id not in self._found:
                self._found[finding.id] = finding
        self._open.discard(done.number)
        self._seconds = time.monotonic() - self._started

    def findings(self) -> tuple[Finding, ...]:
        """All findings, each once."""
        return tuple(self._found.values())

    def stages(self) -> tuple[Stage, ...]:
        """The step, if it was taken."""
        found = len(self._found)
        return (Stage(what=TITLE, seconds=round(self._seconds, 3), findings=found),) if self._numbers else ()

    def _note(self, number: int) -> int:
        self._numbers.add(number)
        self._open.add(number)
        return number
