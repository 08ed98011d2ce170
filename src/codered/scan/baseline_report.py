"""The report of a comparison with a baseline: a normal one, with findings of the layer integrity."""

import sys
from datetime import UTC, datetime

import msgspec

from codered.detect.integrity import judge_deviations
from codered.model.allow_list import AllowList
from codered.model.known_good import Baseline
from codered.model.paths import path_from_bytes
from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.allowing import count_allowed
from codered.scan.baselining import FILES, Comparison
from codered.scan.looks import LookBook
from codered.scan.reporting import Ran, make_report
from codered.scan.tasks import Counted

_NO_RULES = RuleSet(
    digest="", packs=(), full=b"", text=b"", first_text=b"", first=b"", locate=b"", label=b""
)  # no pack takes part


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison that was made: with which baseline, when (UTC), in how many seconds; `unsigned` says why the
    baseline is not to be believed ("" = it is): then nothing that was looked at says anything.
    """

    comparison: Comparison
    before: Baseline
    started: datetime
    seconds: float
    unsigned: str = ""


def report_comparison(target: Target, compared: Compared, allowed: AllowList) -> Report:
    """The report; what the baseline itself could not hold is a gap, for nobody can say what is there now."""
    judged = judge_deviations(compared.comparison.deviations, allowed, datetime.now(UTC))
    book = LookBook(target)
    for item in compared.comparison.counted:
        book.add_counted(item)
    for item in count_allowed("integrity", FILES, judged.allowed, allowed.files):
        book.add_counted(item)
    if compared.unsigned:
        book.add_counted(Counted("integrity", FILES, "failed", compared.unsigned))
    for gap in compared.before.gaps:
        book.add_counted(
            Counted("integrity", FILES, "failed", "not in the baseline: it could not be read", example=gap)
        )
    ran = Ran(
        target=target.info,
        command=tuple(sys.argv[1:]),
        scope=tuple(path_from_bytes(target.absolute(place)).text for place in compared.before.places),
        started=compared.started,
        seconds=compared.seconds,
    )
    return make_report(ran, _NO_RULES, judged.findings, book.looks())
