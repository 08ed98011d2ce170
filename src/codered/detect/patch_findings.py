"""From the answers about holes to findings: one for each thing that is known to have one."""

import hashlib

from codered.model.finding import Evidence, Finding, Subject
from codered.model.patches import ADVISORIES, PatchAnswer, PatchSubject

MISSING = "missing-patch"


def find_holes(answers: tuple[PatchAnswer, ...]) -> tuple[Finding, ...]:
    """The findings of all vulnerable answers."""
    return tuple(
        _make_finding(answer, subject)
        for answer in answers
        if answer.says == "vulnerable"
        for subject in answer.subjects
        if subject.says == "vulnerable"
    )


def _make_finding(answer: PatchAnswer, subject: PatchSubject) -> Finding:
    place = subject.path
    pack, indicator = answer.pack or ADVISORIES, answer.advisory or MISSING
    name = f"{pack}\0{indicator}\0{subject.name}\0{subject.architecture}\0".encode(errors="backslashreplace")
    digest = hashlib.sha256(name + (place.to_bytes() if place else b""))
    holes = f" ({', '.join(answer.cves)})" if answer.cves else ""
    return Finding(
        id=digest.hexdigest()[:12],
        pack=pack,
        indicator=indicator,
        layer="patches",
        subject=Subject(
            kind="package",
            key=subject.name,
            path=place.text if place else None,
            path_raw=place.raw if place else None,
        ),
        confidence="confirmed",
        severity=answer.severity,
        because=f"{_name_version(subject)} has the hole {answer.hole}{holes}; {_tell_fix(answer, subject)}",
        evidence=(Evidence(what=_tell_evidence(answer, subject)),),
    )


def _is_system(subject: PatchSubject) -> bool:
    """A whole Windows system: neither a package nor a component, and nowhere in particular."""
    return not (subject.manager or subject.ecosystem or subject.version or subject.path)


def _name_version(subject: PatchSubject) -> str:
    return f"{subject.name} {subject.version}".rstrip()


def _tell_fix(answer: PatchAnswer, subject: PatchSubject) -> str:
    if _is_system(subject):
        see = f"; see {', '.join(answer.guidance)}" if answer.guidance else ""
        return f"{answer.because}{see}"
    return f"the fix is in {subject.fixed}" if subject.fixed else "no fixed version is known"


def _tell_evidence(answer: PatchAnswer, subject: PatchSubject) -> str:
    if _is_system(subject):
        return answer.because
    source = f"the records of {subject.manager}" if subject.manager else "its own manifest"
    return f"installed version {subject.version}, by {source}"
