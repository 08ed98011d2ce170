"""The vulnerability: which evidence decides about the patch."""

import re
from collections.abc import Iterator
from datetime import date
from typing import get_args

from codered.model.countermeasures import Evidence, Mitigation
from codered.model.patches import Ecosystem
from codered.packs.checks.signs import check_references
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import Step, shorten

_GROUPS = ("key", "file", "service_pack_at_least", "package", "component")
_ECOSYSTEMS: tuple[str, ...] = get_args(Ecosystem)
_COMPONENT = re.compile(r"([A-Za-z]+):([A-Za-z0-9@][A-Za-z0-9@/._:-]{0,127})")
_MODULE = re.compile(r"(apache2|php):[a-z0-9][a-z0-9_.-]{0,63}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+:~^_-]{0,127}")


def check_patches(checked: CheckedPack) -> Iterator[Problem]:
    """Each piece of evidence is one proof, well-formed, and rests on a reference; an affected platform has some."""
    vulnerability = checked.pack.vulnerability
    if vulnerability is None:
        return
    for number, mitigation in enumerate(vulnerability.mitigations):
        yield from _check_mitigation(checked, mitigation, ("vulnerability", "mitigations", number))
    for number, platform in enumerate(vulnerability.platforms):
        way: tuple[Step, ...] = ("vulnerability", "platforms", number)
        if platform.affected and not platform.evidence:
            advice = "name what proves the patch, or a `note` on why nothing can"
            if not platform.note:
                yield Problem(checked.at(*way), f"no evidence for {shorten(platform.platform)}", advice, "warning")
        for index, evidence in enumerate(platform.evidence):
            yield from _check_evidence(checked, evidence, (*way, "evidence", index))


def _check_evidence(checked: CheckedPack, evidence: Evidence, way: tuple[Step, ...]) -> Iterator[Problem]:
    groups = [name for name in _GROUPS if getattr(evidence, name)]
    if len(groups) != 1:
        what = f"evidence of {' and '.join(groups)}" if groups else "evidence of nothing"
        yield Problem(checked.at(*way), what, f"give one of {', '.join(_GROUPS)}")
    if evidence.file and not (evidence.version_at_least or evidence.version):
        yield Problem(checked.at(*way), "a file without a version", "give version_at_least, or version and dates")
    if evidence.version and not (evidence.not_before or evidence.before):
        advice = "give not_before or before: an exact version alone decides nothing"
        yield Problem(checked.at(*way, "version"), "a version without a date", advice)
    for key in ("not_before", "before"):
        if (written := getattr(evidence, key)) and not _is_date(written):
            yield Problem(checked.at(*way, key), f"`{shorten(written)}` is no date", "write YYYY-MM-DD")
    for key in ("version", "version_at_least"):
        written = getattr(evidence, key)
        if written and (evidence.package or evidence.component):
            if not _VERSION.fullmatch(written):
                yield Problem(
                    checked.at(*way, key), f"`{shorten(written)}` is no version", "write it as its maker does"
                )
        elif written and not all(part.isdigit() for part in written.split(".")):
            yield Problem(checked.at(*way, key), f"`{shorten(written)}` is no version", "write numbers joined by dots")
    yield from _check_software(checked, evidence, way)
    yield from check_references(checked, evidence.references, (*way, "references"))


def _check_software(checked: CheckedPack, evidence: Evidence, way: tuple[Step, ...]) -> Iterator[Problem]:
    """What belongs to packages and components alone."""
    if (evidence.package or evidence.component) and not evidence.version_at_least:
        yield Problem(checked.at(*way), "software without a version", "give version_at_least: the version with the fix")
    if evidence.release and not evidence.package:
        yield Problem(checked.at(*way, "release"), "a release without a package", "releases are of distributions")
    if evidence.since and not evidence.component:
        yield Problem(
            checked.at(*way, "since"), "`since` without a component", "it is for lines of npm:, Maven: and so on"
        )
    if evidence.since and not _VERSION.fullmatch(evidence.since):
        yield Problem(
            checked.at(*way, "since"), f"`{shorten(evidence.since)}` is no version", "write it as its maker does"
        )
    if evidence.component:
        found = _COMPONENT.fullmatch(evidence.component)
        if not found or found[1] not in _ECOSYSTEMS:
            advice = f"write ECOSYSTEM:NAME, with one of {', '.join(_ECOSYSTEMS)}"
            yield Problem(checked.at(*way, "component"), f"`{shorten(evidence.component)}` is no component", advice)


def _check_mitigation(checked: CheckedPack, mitigation: Mitigation, way: tuple[Step, ...]) -> Iterator[Problem]:
    if mitigation.kind == "disable_module" and not _MODULE.fullmatch(mitigation.module):
        advice = "write apache2:NAME or php:NAME, as in mods-enabled or conf.d"
        yield Problem(checked.at(*way), f"`{shorten(mitigation.module)}` is no module", advice)
    if mitigation.kind == "unmap" and not mitigation.mapping:
        yield Problem(checked.at(*way), "no mapping to take away", "name it, such as `.ida`")


def _is_date(written: str) -> bool:
    try:
        return date.fromisoformat(written).isoformat() == written
    except ValueError:
        return False
