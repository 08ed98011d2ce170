"""Scanning a disk image: as any other target, with its hash taken before and after, for it is evidence."""

from typing import NamedTuple

from msgspec.structs import replace

from codered.collect.registry import open_registry
from codered.model.report import Look, LookState, Report, judge_verdict
from codered.model.ruleset import RuleSet
from codered.scan.confined_workers import look_unconfined
from codered.scan.deleted_files import Remains, look_at_deleted
from codered.scan.evidence_hashing import EvidenceHashing
from codered.scan.request import OnProgress, ScanRequest, ignore_progress
from codered.scan.run import scan
from codered.targets.disk_image import DiskImage
from codered.targets.images.evidence_hash import read_states

CURRENT = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
MOUNTED = "HKLM\\SYSTEM\\MountedDevices"
LETTERS = "drive letters"
ASSUMED = "the registry does not know all of these volumes: that with Windows on it has its own letter, others follow"
EVIDENCE = "the image as evidence"
NO_HASH = "not hashed: --no-hash"
STOPPED = "not hashed: stopped by the user"
UNREAD = "its hash could not be taken: it can't be read to its end"
CHANGED = "the evidence changed while it was read: work on a copy that nobody writes to"


class ImageWishes(NamedTuple):
    """`hashed`: with the SHA-256 of the image, taken beside the scan and again when it is over; `deleted`: also what is
    left of deleted files, told apart.
    """

    hashed: bool = True
    deleted: bool = False


USUAL = ImageWishes()


def scan_image(
    image: DiskImage,
    request: ScanRequest,
    rules: RuleSet,
    on_progress: OnProgress = ignore_progress,
    wishes: ImageWishes = USUAL,
) -> Report:
    """Scan it and report. Raises OSError if a file of it is gone."""
    states = read_states(image.files)
    letters = name_drives(image)
    before = EvidenceHashing(image.files) if wishes.hashed else None
    try:
        report = scan(image, request, rules, on_progress)
        report = report if letters is None else replace(report, looks=(*report.looks, letters))
        if wishes.deleted and not report.interrupted:
            report = _add_deleted(report, look_at_deleted(image, rules))
        if not wishes.hashed or report.interrupted:
            look = _look("skipped", STOPPED if wishes.hashed else NO_HASH)
            return _conclude(report, image, states, look)
        return _compare(report, image, states, before)
    finally:
        if before is not None:
            before.stop()


def _add_deleted(report: Report, remains: Remains) -> Report:
    return replace(report, findings=(*report.findings, *remains.findings), looks=(*report.looks, *remains.looks))


def name_drives(image: DiskImage) -> Look | None:
    """Give the volumes the letters that the registry of the Windows on them says. What is to be said if it does not."""
    if len(image.info.volumes) < 2:
        return None
    mounted, system = {}, "C"
    if "registry" in image.info.offers:
        registry = open_registry(image)
        mounted = {value.name: value.data for value in registry.values(MOUNTED)}
        root = registry.value(CURRENT, "SystemRoot")
        text = root.text() if root is not None else ""
        system = text[0].upper() if text[1:3] == ":\\" and text[0].isascii() and text[0].isalpha() else system
    if mounted and image.name_drives(mounted, system):
        return None
    return Look(layer="files", where=LETTERS, state="skipped", why=ASSUMED, count=len(image.info.volumes))


def _compare(
    report: Report, image: DiskImage, states: tuple[tuple[int, int, int, int], ...], before: EvidenceHashing | None
) -> Report:
    first = before.finish() if before is not None else ""
    again = EvidenceHashing(image.files)
    try:
        second = again.finish()
    except KeyboardInterrupt:
        return _conclude(report, image, states, _look("failed", STOPPED))
    finally:
        again.stop()
    report = _add_unconfined(report, again.unconfined)
    if not (first and second):
        return _conclude(report, image, states, _look("failed", UNREAD))
    if first != second:
        return _conclude(report, image, states, _look("failed", f"{CHANGED} (sha256 {first}, then {second})"))
    return _conclude(replace(report, target=replace(report.target, evidence=first)), image, states, None)


def _add_unconfined(report: Report, why: str) -> Report:
    """Told once: workers of the scan may have said the same."""
    look = look_unconfined(why, "files")
    told = not why or any((each.where, each.why) == (look.where, look.why) for each in report.looks)
    return report if told else replace(report, looks=(*report.looks, look))


def _conclude(
    report: Report, image: DiskImage, states: tuple[tuple[int, int, int, int], ...], look: Look | None
) -> Report:
    looks = report.looks if look is None else (*report.looks, look)
    if not (look and look.is_gap()) and _have_changed(image, states):
        looks = (*looks, _look("failed", CHANGED))
    has_gaps = any(each.is_gap() for each in looks) or not any(each.state == "looked" for each in looks)
    return replace(report, looks=looks, verdict=judge_verdict(report.findings, has_gaps))


def _have_changed(image: DiskImage, states: tuple[tuple[int, int, int, int], ...]) -> bool:
    try:
        return read_states(image.files) != states
    except OSError:
        return True


def _look(state: LookState, why: str) -> Look:
    return Look(layer="files", where=EVIDENCE, state=state, why=why, count=1)
