"""The layer of integrity, a worker's part: packages against their records, the system against a baseline."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec.structs import replace

from codered.collect.copied_trees import is_copied
from codered.collect.package_sums import EXCLUDED, LEFT_OUT, Verified, verify_packages
from codered.collect.recorded_files import Share
from codered.detect.integrity import judge_deviations, system_path
from codered.detect.integrity_words import read_words
from codered.detect.partial_packages import fold_missing_files
from codered.detect.replaced_trees import fold_replaced_trees
from codered.model.allow_list import LetPass
from codered.model.finding import Finding
from codered.model.known_good import Deviation
from codered.model.paths import path_from_bytes
from codered.model.target import Target
from codered.scan.allowing import count_allowed
from codered.scan.request import ScanRequest
from codered.scan.tasks import Counted

PACKAGES = "packages against their records"
FILES = "files of packages"
VOUCHED = "not as its package has it, and the baseline knows it so"


class IntegrityLook(NamedTuple):
    """What came of it: the findings, and what was looked at or could not be."""

    findings: tuple[Finding, ...]
    counted: tuple[Counted, ...]


def look_at_packages(target: Target, request: ScanRequest, share: Share) -> IntegrityLook:
    """The files of one share of the packages that are run or served; what a baseline vouches for is no finding."""
    verified = verify_packages(target, read_words().is_worth_comparing, share, processes=1, names=False)
    known_good = request.baseline
    told, vouched = list(verified.deviations), []
    if is_copied(target):  # its times are those of the copying
        told = [replace(item, changed=None) for item in told]
    if known_good is not None:
        vouched = [item for item in told if known_good.vouches_for(target, item)]
        by_baseline = set(map(id, vouched))
        told = [item for item in told if id(item) not in by_baseline]
    told = list(fold_replaced_trees(told))
    if target.info.kind == "offline_root":  # on a running system each missing file is to be restored
        told = list(fold_missing_files(told, verified.sought))
    findings, allowed = _judge(told, request)
    counted = [*_count(verified, target), *count_allowed("integrity", FILES, allowed, ())]
    counted += [Counted("integrity", FILES, "skipped", VOUCHED, example=system_path(item)) for item in vouched]
    return IntegrityLook(findings, tuple(counted))


def look_at_baseline(target: Target, request: ScanRequest) -> IntegrityLook:
    """The whole system against the baseline that the request has; nothing if it has none."""
    if request.baseline is None:
        return IntegrityLook((), ())
    deviations, counted = request.baseline.compare(target)
    findings, allowed = _judge(deviations, request)
    passed = count_allowed("integrity", "files of the baseline", allowed, ())
    return IntegrityLook(findings, (*counted, *passed))


def _judge(deviations: Iterable[Deviation], request: ScanRequest) -> tuple[tuple[Finding, ...], tuple[LetPass, ...]]:
    return judge_deviations(deviations, request.allowed, datetime.now(UTC))


def _count(verified: Verified, target: Target) -> Iterable[Counted]:
    if verified.packages:
        yield Counted("integrity", PACKAGES, count=verified.packages)
    if verified.files:
        yield Counted("integrity", FILES, count=verified.files, size=verified.bytes)
    if verified.left_out:
        yield Counted("integrity", FILES, "skipped", LEFT_OUT, verified.left_out)
    if verified.excluded:
        yield Counted("integrity", FILES, "skipped", EXCLUDED, verified.excluded)
    for item in verified.unread:
        example = path_from_bytes(target.absolute(item.rel)).text if item.rel else ""
        yield Counted("integrity", FILES, item.state, item.why, example=example)
