"""The vulnerability: which evidence decides about the patch."""

from collections.abc import Iterator
from datetime import date

from codered.model.countermeasures import Evidence
from codered.packs.checks.signs import check_references
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import Step, shorten


def check_patches(checked: CheckedPack) -> Iterator[Problem]:
    """Each piece of evidence is one proof, well-formed, and rests on a reference; an affected platform has some."""
    vulnerability = checked.pack.vulnerability
    if vulnerability is None:
        return
    for number, platform in enumerate(vulnerability.platforms):
        way: tuple[Step, ...] = ("vulnerability", "platforms", number)
        if platform.affected and not platform.evidence:
            advice = "name what proves the patch, or a `note` on why nothing can"
            if not platform.note:
                yield Problem(checked.at(*way), f"no evidence for {shorten(platform.platform)}", advice, "warning")
        for index, evidence in enumerate(platform.evidence):
            yield from _check_evidence(checked, evidence, (*way, "evidence", index))


def _check_evidence(checked: CheckedPack, evidence: Evidence, way: tuple[Step, ...]) -> Iterator[Problem]:
    groups = [name for name in ("key", "file", "service_pack_at_least", "package") if getattr(evidence, name)]
    if len(groups) != 1:
        what = f"evidence of {' and '.join(groups)}" if groups else "evidence of nothing"
        yield Problem(checked.at(*way), what, "give one of key, file, service_pack_at_least, package")
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
        if written and not evidence.package and not all(part.isdigit() for part in written.split(".")):
            yield Problem(checked.at(*way, key), f"`{shorten(written)}` is no version", "write numbers joined by dots")
    yield from check_references(checked, evidence.references, (*way, "references"))


def _is_date(written: str) -> bool:
    try:
        return date.fromisoformat(written).isoformat() == written
    except ValueError:
        return False
