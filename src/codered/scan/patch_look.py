"""The layer of patches: what is installed, and which holes in it are closed."""

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from codered.collect.advisory_files import read_advisories
from codered.collect.autostart.reading import Reader
from codered.collect.installed_software import FactsSeen, collect_facts, find_more_roots
from codered.collect.packages import PackageDatabase
from codered.detect.advisories import NO_RELEASE, judge_advisories
from codered.detect.patch_findings import find_holes
from codered.detect.patches import judge_patch
from codered.model.finding import Finding
from codered.model.pack import LoadedPack
from codered.model.patches import PatchAnswer
from codered.model.paths import path_from_bytes
from codered.model.report import Look, Report
from codered.model.target import Target
from codered.scan.request import ScanRequest
from codered.scan.tasks import Counted
from codered.scan.windows_patches import answer_without_hives

HOST_ADVISORIES = "/etc/codered/advisories"
NO_RECORDS = "no records of dpkg or rpm: what is installed as a package is not known, and the answers say so"
PACKAGES = "installed packages"
SOFTWARE = "software with manifests of its own"
ADVISORIES = "advisories"
_WEB_ROOTS = "web roots"


class PatchLook(NamedTuple):
    """What came of it: every answer, the findings, and what was looked at or could not be."""

    answers: tuple[PatchAnswer, ...]
    findings: tuple[Finding, ...]
    counted: tuple[Counted, ...]


def look_at_patches(
    target: Target, packs: tuple[LoadedPack, ...], request: ScanRequest, packages: PackageDatabase
) -> PatchLook:
    """The answers for the holes of all packs and of the advisories, on a whole system."""
    roots = tuple(path for place in request.places if place.what == _WEB_ROOTS for path in place.paths)
    more = find_more_roots(roots, target)
    seen = collect_facts(target, more, packages.owner, components=not request.fast)
    holes = [(loaded.pack.vulnerability, loaded.pack.name) for loaded in packs]
    answers = [judge_patch(hole, seen.facts, name) for hole, name in holes if hole is not None]
    counted = list(_count(seen, target, fast=request.fast))
    folder = request.advisories or _host_advisories(target)
    if folder:
        read = read_advisories(folder)
        by_advisories = judge_advisories(read.advisories, seen.facts)
        answers += by_advisories
        counted += _count_open(by_advisories)
        counted.append(Counted("patches", ADVISORIES, count=len(read.advisories), example=folder))
        counted += [Counted("patches", ADVISORIES, "failed", why, example=path) for path, why in read.bad]
    return PatchLook(tuple(answers), find_holes(tuple(answers)), tuple(counted))


def answer_unread(target: Target, packs: tuple[LoadedPack, ...]) -> tuple[PatchAnswer, ...]:
    """The answers for an offline Windows system without hives; none for any other target."""
    info = target.info
    if info.kind not in ("offline_root", "disk_image") or info.system != "windows" or "registry" in info.offers:
        return ()
    return answer_without_hives(target, packs)


def add_advisories(report: Report, target: Target, folder: str) -> Report:
    """The report, with what the advisories in a folder say of what is installed now. One that is in it already counts
    once.
    """
    packages = PackageDatabase(Reader(target))
    seen = collect_facts(target, (), packages.owner)
    known = {answer.advisory for answer in report.patches if answer.advisory}
    read = read_advisories(folder)
    new = tuple(one for one in judge_advisories(read.advisories, seen.facts) if one.advisory not in known)
    bad = tuple(
        Look(layer="patches", where=ADVISORIES, state="failed", why=why, count=1, examples=(path,))
        for path, why in read.bad
    )
    unsure = tuple(
        Look(layer=one.layer, where=one.where, state=one.state, why=one.why, count=1, examples=(one.example,))
        for one in _count_open(new)
    )
    return replace(
        report,
        patches=(*report.patches, *new),
        findings=(*report.findings, *find_holes(new)),
        looks=(*report.looks, *bad, *unsure),
    )


def _count_open(answers: Iterable[PatchAnswer]) -> Iterator[Counted]:
    """The advisories about which nobody can say whether they are about this system: gaps, for they were asked for."""
    for answer in answers:
        if answer.says == "undetermined":
            yield Counted("patches", ADVISORIES, "failed", NO_RELEASE, example=answer.advisory)


def _host_advisories(target: Target) -> str:
    """The administrator's own folder, for the host itself; "" if there is none."""
    return HOST_ADVISORIES if target.info.kind == "live_linux" and os.path.isdir(HOST_ADVISORIES) else ""


def _count(seen: FactsSeen, target: Target, *, fast: bool) -> Iterable[Counted]:
    if seen.facts.packages is None:
        yield Counted("patches", PACKAGES, "skipped", NO_RECORDS)
    else:
        yield Counted("patches", PACKAGES, count=seen.packages)
    for package in seen.facts.packages or ():
        if package.half:
            why = "packages that are not whole: whether their holes are closed is not known"
            yield Counted("patches", PACKAGES, "failed", why, example=f"{package.name} ({package.half})")
    if fast:
        yield Counted("patches", SOFTWARE, "skipped", "asked to be fast: only packages were asked")
    else:
        yield Counted("patches", SOFTWARE, count=seen.manifests)
    for item in seen.unread:
        shown = path_from_bytes(target.absolute(item.rel)).text if item.rel else ""
        yield Counted("patches", SOFTWARE, item.state, item.why, example=shown)
