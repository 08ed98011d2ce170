"""Judging the configuration of a web server: by the packs' signs, and by what the rules of oddity add up to. The same
rules name Code Red II's published drives, whichever form they stand in, and the directories of later intruders.
"""

import hashlib
from collections.abc import Iterator

from msgspec.structs import replace

from codered.detect.iis_facts import Canonical, DirectoryFacts, find_exposure, program_facts, property_facts
from codered.detect.iis_rules import About, IisVerdict, weigh
from codered.detect.iis_signs import IisSigns
from codered.model.finding import Evidence, Finding, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.indicators import SettingIndicator
from codered.model.registry import escape_name
from codered.model.ruleset import RuleSet
from codered.model.windows import ConfigPlace, IisItem, IisSeen, VirtualDirectory

DATA = 256  # bytes of evidence
_PROPERTIES = ("property", "webdav")


def judge_iis(seen: IisSeen, rules: RuleSet, canonical: Canonical = str.lower) -> tuple[Finding, ...]:
    """The findings about a configuration. What a pack names is its finding and no other; `canonical` gives the form of
    a Windows path that all its names share, in lower case.
    """
    signs = IisSigns(rules.packs)
    findings: dict[str, Finding] = {}
    facts = DirectoryFacts(seen, canonical)
    for directory in seen.directories:
        for finding in _judge_directory(directory, signs, facts):
            findings[finding.id] = finding
    for item in seen.items:
        for finding in _judge_item(item, signs, canonical):
            findings[finding.id] = finding
    return tuple(findings.values())


def find_leads(seen: IisSeen, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The folders that odd virtual directories publish, as the system names them: what lies there is to be looked at.
    Whole drives are left out.
    """
    found = {(finding.subject.path, finding.subject.key) for finding in findings}
    leads = (
        item.physical
        for item in seen.directories
        if (item.place.path.text, _directory_subject(item).key) in found and item.physical[3:]
    )
    return tuple(dict.fromkeys(leads))


def _judge_directory(item: VirtualDirectory, signs: IisSigns, facts: DirectoryFacts) -> Iterator[Finding]:
    subject, evidence = _directory_subject(item), _directory_evidence(item)
    known = signs.of_directory(item)
    yield from (_by_pack(subject, evidence, pack, sign) for pack, sign in known)
    if known or signs.names_registry_value(item):
        return
    verdict = weigh("directory", facts.find(item))
    if verdict is None:
        return
    finding = _by_rules(subject, evidence, verdict)
    if item.value is not None and finding.remedy == "remove_virtual_directory":
        finding = replace(finding, remedy="delete_value")
    if item.hive_state == "carved":
        because = f"{finding.because}; the hive is corrupt, and this was found among its remains"
        finding = replace(finding, confidence="suspicious", because=because)
    if not item.key:  # read from the strings of a binary metabase
        because = f"{finding.because}; it was read from the strings of a file of unknown form"
        finding = replace(finding, confidence="suspicious", because=because)
    yield finding


def _judge_item(item: IisItem, signs: IisSigns, canonical: Canonical) -> Iterator[Finding]:
    subject, evidence = _item_subject(item), _item_evidence(item)
    known = signs.of_item(item)
    yield from (_by_pack(subject, evidence, pack, sign) for pack, sign in known)
    about, facts = _facts_of(item, canonical)
    exposure = find_exposure(item)
    verdict = None if known else weigh(about, facts, _tell_item(item))
    if verdict is None:
        return
    finding = _by_rules(subject, evidence, verdict)
    if exposure is not None and verdict.rules[0].id == "exposed-mapping":
        because = (
            f"The script mapping {exposure.extension} leads to {exposure.what}; "
            "removing it takes that away from the web, and is no patch"
        )
        finding = replace(finding, because=because)
    yield finding


def _facts_of(item: IisItem, canonical: Canonical) -> tuple[About, frozenset[str]]:
    if item.kind in _PROPERTIES or item.name.startswith("notListed"):
        return "property", property_facts(item)
    if item.kind != "isapi_restriction":
        return "program", program_facts(item, canonical)
    if item.attributes.get("allowed", "true").lower() != "true":
        return "program", frozenset()
    if item.name.lower() in ("*.dll", "*.exe"):  # IIS 6: all that are not on its list
        return "property", frozenset(["unlisted-allowed"])
    if item.attributes.get("description", "") == "WebDAV" or item.name.lower().endswith("\\httpext.dll"):
        return "property", frozenset(["webdav-on"])
    return "program", program_facts(item, canonical)


def _tell_item(item: IisItem) -> str:
    program = f" -> {escape_name(item.program[:DATA])}" if item.program else ""
    return f"{escape_name(item.name[:DATA])}{program}" if item.name else ""


def _by_pack(subject: Subject, evidence: tuple[Evidence, ...], pack: str, sign: SettingIndicator) -> Finding:
    return Finding(
        id=_identify(pack, sign.id, subject),
        pack=pack,
        indicator=sign.id,
        layer="settings",
        subject=subject,
        confidence=sign.confidence,
        severity=sign.severity,
        because=sign.because,
        evidence=evidence,
        attack=sign.attack,
        shared_by=sign.shared_by,
    )


def _by_rules(subject: Subject, evidence: tuple[Evidence, ...], verdict: IisVerdict) -> Finding:
    indicator = verdict.rules[0].id
    return Finding(
        id=_identify(HEURISTICS, "iis", subject),
        pack=HEURISTICS,
        indicator=indicator,
        layer="settings",
        subject=subject,
        confidence=verdict.confidence,
        severity="high" if verdict.confidence == "likely" else "medium",
        because=verdict.because,
        evidence=evidence,
        attack=tuple(dict.fromkeys(name for rule in verdict.rules for name in rule.attack)),
        remedy=verdict.remedy or "",
    )


def _directory_subject(item: VirtualDirectory) -> Subject:
    if item.value is not None:
        key, value = escape_name(item.key), escape_name(item.value)
        return Subject(
            kind="setting", path=item.place.path.text, path_raw=item.place.path.raw, shown=item.place.shown,
            key=f"{key}:{value}", registry=key, value=value,
        )  # fmt: skip
    name = item.key if item.key.upper().startswith("/LM/") else f"site {item.site} {item.url}".replace("site  ", "")
    return _file_subject(item.place, name)


def _item_subject(item: IisItem) -> Subject:
    section = item.attributes.get("section", item.kind)
    return _file_subject(item.place, " ".join(part for part in (item.scope, section, item.name) if part))


def _file_subject(place: ConfigPlace, name: str) -> Subject:
    file = (place.shown or place.path.text).replace("/", "\\").rpartition("\\")[2]
    return Subject(
        kind="setting", path=place.path.text, path_raw=place.path.raw, shown=place.shown,
        key=f"{escape_name(file)} {escape_name(name)}", line=place.line or None,
    )  # fmt: skip


def _directory_evidence(item: VirtualDirectory) -> tuple[Evidence, ...]:
    rights = f", {' and '.join(item.rights)} allowed" if item.rights else ""
    what = f"{escape_name(item.url)} is {escape_name(item.physical)}{rights}"
    told = Evidence(what=what, source="iis")
    if item.value is not None:
        data = Evidence(what="its data", data=item.place.data, sha256=item.place.sha256, source="value")
        return (data, replace(told, source=None))
    found = (*_place_evidence(item.place), told)
    return (*found, Evidence(what=escape_name(item.key), source="name")) if item.key else found


def _item_evidence(item: IisItem) -> tuple[Evidence, ...]:
    told = _tell_item(item) or escape_name(item.kind)
    found = (*_place_evidence(item.place), Evidence(what=told, source="iis"))
    return (*found, Evidence(what=escape_name(item.name), source="name")) if item.name else found


def _place_evidence(place: ConfigPlace) -> tuple[Evidence, ...]:
    """The line first: planning relies on it."""
    if not place.line:
        return ()
    what = f"line {place.line}"
    line = Evidence(
        what=what, line=place.line, data=place.data, offset=place.start, sha256=place.sha256 or None, source="line"
    )
    return (line,)


def _identify(pack: str, indicator: str, subject: Subject) -> str:
    name = f"{pack}\0{indicator}\0{subject.path}\0{subject.key}\0{subject.line or 0}"
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:12]
