"""Advisories (OSV) against what is installed. Pure functions: only what is known to have a hole is answered."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, cmp_to_key
from importlib import resources

import msgspec
from msgspec.structs import replace

from codered.detect.patches import SCHEMES
from codered.detect.versions import Scheme, compare_versions
from codered.model.advisories import Advisory, Affected, Event, VersionRange
from codered.model.finding import Severity
from codered.model.patches import InstalledComponent, InstalledPackage, PatchAnswer, PatchFacts, PatchSubject

NO_RELEASE = "which release of which distribution this is can't be told"
_MOST_EVENTS = 1000
_MOST_TEXT = 300
_Thing = InstalledPackage | InstalledComponent


class OsvNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What OSV calls the `distributions` of os-release, and what a database's `ratings` are to us."""

    distributions: dict[str, str]
    ratings: dict[str, Severity]


@cache
def read_osv_names() -> OsvNames:
    """The table in osv_names.json."""
    raw = resources.files("codered.detect").joinpath("osv_names.json").read_bytes()
    return msgspec.json.decode(raw, type=OsvNames)


def judge_advisories(advisories: Iterable[Advisory], facts: PatchFacts) -> tuple[PatchAnswer, ...]:
    """An answer for each advisory whose hole something installed is known to have, or would have if this is the release
    that the advisory is about, where that can't be told.
    """
    by_name: dict[str, list[_Thing]] = {}
    for package in facts.packages or ():
        for name in {package.name, package.source} - {""}:
            by_name.setdefault(name, []).append(package)
    for component in facts.components or ():
        if not component.package:  # the distribution's own advisory decides about what its package brought
            by_name.setdefault(component.name, []).append(component)
    answers = (_judge(advisory, by_name, facts) for advisory in advisories)
    return tuple(answer for answer in answers if answer is not None)


def find_fixed(scheme: Scheme, version: str, affected: Affected) -> tuple[bool, str]:
    """Whether the version has the hole, and the version with the fix ("" = none is known)."""
    for part in affected.ranges:
        if part.type in ("ECOSYSTEM", "SEMVER") and _lies_in(scheme, version, part):
            return True, _choose_fix(scheme, version, part)
    return any(compare_versions(scheme, version, one) == 0 for one in affected.versions), ""


def is_of(ecosystem: str, thing: _Thing, facts: PatchFacts) -> bool | None:
    """Whether an ecosystem of OSV (`Debian:12`, `npm`) is where the thing comes from; None if the system does not say
    which release it is.
    """
    name, _, release = ecosystem.partition(":")
    if isinstance(thing, InstalledComponent):
        return name == thing.ecosystem
    distributions = read_osv_names().distributions
    if not facts.distribution:
        return None if name in distributions.values() else False
    if name != distributions.get(facts.distribution):
        return False
    if not release:
        return True
    if not facts.release:
        return None
    given = re.search(r"[0-9]+(?:\.[0-9]+)*", release)
    return given is not None and given[0] in (facts.release, facts.release.partition(".")[0])


def _judge(advisory: Advisory, by_name: dict[str, list[_Thing]], facts: PatchFacts) -> PatchAnswer | None:
    found = tuple(dict.fromkeys(_find_subjects(advisory, by_name, facts)))
    if not found:
        return None
    subjects = tuple(one for one in found if one.says == "vulnerable") or found
    first = subjects[0]
    fix = f"the fix is in {first.fixed}" if first.fixed else "no fixed version is named"
    rating = (advisory.database_specific.severity or "") if advisory.database_specific else ""
    has = "has" if first.says == "vulnerable" else f"may have, for {NO_RELEASE},"
    return PatchAnswer(
        says=first.says,
        hole=_cut(advisory.summary or advisory.id),
        because=f"{first.name} {first.version} {has} the hole of {_cut(advisory.id)}; {fix}",
        advisory=_cut(advisory.id),
        cves=tuple(_cut(name) for name in (advisory.id, *advisory.aliases) if name.startswith("CVE-"))[:20],
        severity=read_osv_names().ratings.get(rating.lower(), "high"),
        subjects=subjects,
        references=tuple(_cut(link.url) for link in advisory.references)[:5],
    )


def _find_subjects(advisory: Advisory, by_name: dict[str, list[_Thing]], facts: PatchFacts) -> Iterator[PatchSubject]:
    for affected in advisory.affected:
        name = affected.package.name
        if affected.package.ecosystem.startswith("PyPI"):
            name = name.lower().replace("_", "-")
        for thing in by_name.get(name, ()):
            is_here = is_of(affected.package.ecosystem, thing, facts)
            if is_here is None:
                yield from (replace(one, says="undetermined") for one in _judge_thing(thing, affected))
            elif is_here:
                yield from _judge_thing(thing, affected)


def _judge_thing(thing: _Thing, affected: Affected) -> Iterator[PatchSubject]:
    if isinstance(thing, InstalledComponent):
        holds, fixed = find_fixed(SCHEMES[thing.ecosystem], thing.version, affected)
        if holds:
            yield PatchSubject(
                says="vulnerable", name=thing.name, version=thing.version, fixed=fixed, ecosystem=thing.ecosystem,
                path=thing.path,
            )  # fmt: skip
        return
    by_source = thing.name != affected.package.name or thing.name == thing.source
    version = thing.source_version if by_source and thing.source_version else thing.version
    holds, fixed = find_fixed(thing.manager, version, affected)
    if holds:
        yield PatchSubject(
            says="vulnerable", name=thing.name, version=thing.version, fixed=_cut(fixed), manager=thing.manager,
            architecture=thing.architecture, by_source=by_source,
        )  # fmt: skip


def _lies_in(scheme: Scheme, version: str, part: VersionRange) -> bool:
    """By OSV's own evaluation: the events in the order of versions, the last one that was reached counts."""
    inside = False
    for event in _sort_events(scheme, part.events):
        if event.introduced and _reaches(scheme, version, event.introduced):
            inside = True
        elif (event.fixed and compare_versions(scheme, version, event.fixed) >= 0) or (
            event.last_affected and compare_versions(scheme, version, event.last_affected) > 0
        ):
            inside = False
    return inside


def _choose_fix(scheme: Scheme, version: str, part: VersionRange) -> str:
    fixes = [event.fixed for event in _sort_events(scheme, part.events) if event.fixed]
    return next((fixed for fixed in fixes if compare_versions(scheme, fixed, version) > 0), "")


def _sort_events(scheme: Scheme, events: tuple[Event, ...]) -> list[Event]:
    def compare(one: Event, other: Event) -> int:
        mine, yours = (item.introduced or item.fixed or item.last_affected for item in (one, other))
        if "0" in (one.introduced, other.introduced) and one.introduced != other.introduced:
            return -1 if one.introduced == "0" else 1
        return compare_versions(scheme, mine, yours)

    return sorted(events[:_MOST_EVENTS], key=cmp_to_key(compare))


def _reaches(scheme: Scheme, version: str, introduced: str) -> bool:
    return introduced == "0" or compare_versions(scheme, version, introduced) >= 0


def _cut(text: str) -> str:
    return text[:_MOST_TEXT].encode(errors="backslashreplace").decode()
