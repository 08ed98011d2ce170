"""Who the threat is: version, ids of others, references."""

import re
from collections.abc import Iterator

from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import Step, shorten

_ATTACK = re.compile(r"T\d{4}(\.\d{3})?")
_CVE = re.compile(r"CVE-\d{4}-\d{4,7}")


def check_identity(checked: CheckedPack) -> Iterator[Problem]:
    """Version, CVEs, ATT&CK ids, references, and the page for people."""
    pack = checked.pack
    if not 1 <= int(pack.version.split(".")[1]) <= 12:
        yield Problem(checked.at("version"), f"version {pack.version} has no such month", "write YEAR.MONTH.NUMBER")
    listed: list[tuple[tuple[Step, ...], tuple[str, ...]]] = [(("cves",), pack.cves)]
    if pack.vulnerability:
        listed.append((("vulnerability", "cves"), pack.vulnerability.cves))
    for way, ids in listed:
        for number, cve in enumerate(ids):
            if not _CVE.fullmatch(cve):
                yield Problem(checked.at(*way, number), f"`{shorten(cve)}` is no CVE id", "write CVE-2001-0500")
    yield from _check_attack(checked)
    yield from _check_references(checked)
    if "README.md" not in checked.loaded.files:
        advice = "add the page that tells people what it is and what the tool does about it"
        yield Problem(checked.at(), "no README.md", advice, "warning")


def _check_attack(checked: CheckedPack) -> Iterator[Problem]:
    places: list[tuple[tuple[Step, ...], tuple[str, ...]]] = [(("attack",), checked.pack.attack)]
    places += [((layer, number, "attack"), sign.attack) for layer, number, sign in checked.signs()]
    for way, ids in places:
        for index, technique in enumerate(ids):
            if not _ATTACK.fullmatch(technique):
                what = f"`{shorten(technique)}` is no ATT&CK id"
                yield Problem(checked.at(*way, index), what, "write T1190 or T1505.003")


def _check_references(checked: CheckedPack) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, reference in enumerate(checked.pack.references):
        if reference.id in seen:
            what = f"the reference `{shorten(reference.id)}` a second time"
            yield Problem(checked.at("references", number), what, "give each source its own id")
        seen.add(reference.id)
    if not seen:
        yield Problem(checked.at("references"), "no references", "name the sources, each with its grade")
