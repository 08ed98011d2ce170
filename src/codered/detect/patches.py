"""Whether the hole of a pack is closed here: a pure function over what is known of the system.

Any one proof of the patch is enough; "vulnerable" needs a version that is known to be older; nothing at all is
"undetermined", and what is not there is "not_present". What a pack lists under `not_a_fix` never counts.
"""

from collections.abc import Iterable
from typing import NamedTuple

from codered.detect.versions import Scheme, compare_versions
from codered.model.countermeasures import Evidence, PlatformPatch, Vulnerability
from codered.model.patches import (
    FileFact,
    InstalledComponent,
    InstalledPackage,
    PatchAnswer,
    PatchFacts,
    PatchSubject,
    PatchVerdict,
)

SCHEMES: dict[str, Scheme] = {"npm": "semver", "Packagist": "loose", "Maven": "loose", "PyPI": "loose", "CMS": "loose"}
NOT_READ = "the registry could not be read"
_FAMILIES = ("nt4", "windows")


class _Judged(NamedTuple):
    says: PatchVerdict
    because: str
    subject: PatchSubject | None = None


def judge_patch(vulnerability: Vulnerability, facts: PatchFacts, pack: str = "") -> PatchAnswer:
    """The answer for one hole; `pack` names whose it is."""
    judged = _judge(vulnerability, facts)
    worst = _choose(judged)
    return PatchAnswer(
        says=worst.says,
        hole=vulnerability.name,
        because=worst.because,
        pack=pack,
        cves=vulnerability.cves,
        subjects=tuple(one.subject for one in judged if one.subject is not None),
        guidance=vulnerability.bulletins,
        references=vulnerability.references,
        needs_reboot=vulnerability.needs_reboot,
        mitigations=vulnerability.mitigations,
    )


def describe_release(facts: PatchFacts) -> tuple[str, ...]:
    """The names by which evidence may mean this release of the distribution."""
    major = facts.release.partition(".")[0]
    near = {"rhel": "el", "rocky": "el", "almalinux": "el", "centos": "el", "ol": "el"}.get(facts.distribution, "")
    return tuple(
        name
        for name in (facts.codename, f"{facts.distribution}{facts.release}", near and f"{near}{major}")
        if name and name != facts.distribution
    )


def _judge(vulnerability: Vulnerability, facts: PatchFacts) -> list[_Judged]:
    """What each thing says, at least one."""
    if not vulnerability.platforms:
        return [_Judged("undetermined", "the pack names nothing that proves the patch: look at it by hand")]
    platform = next((one for one in vulnerability.platforms if one.platform == facts.platform), None)
    if platform is None:
        return [_judge_other_platform(vulnerability, facts)]
    if not platform.affected:
        return [_Judged("not_present", f"{platform.platform} does not have this hole")]
    if facts.platform.startswith(_FAMILIES):
        return [_judge_windows(platform, facts)]
    judged = [*_judge_packages(platform, facts), *_judge_components(platform, facts), *_judge_gaps(platform, facts)]
    return judged or [_judge_absence(platform, facts)]


def _choose(judged: list[_Judged]) -> _Judged:
    """The worst of the things: a second copy that is patched closes nothing."""
    order: tuple[PatchVerdict, ...] = ("vulnerable", "undetermined", "patched", "not_present")
    return min(judged, key=lambda one: order.index(one.says))


def _judge_other_platform(vulnerability: Vulnerability, facts: PatchFacts) -> _Judged:
    names = [one.platform for one in vulnerability.platforms]
    if facts.platform == "windows" and any(name.startswith(_FAMILIES) for name in names):
        return _Judged("undetermined", "which Windows this is, is not known")
    return _Judged("not_present", f"it is a hole of {', '.join(names)}, this is {facts.platform}")


def _judge_absence(platform: PlatformPatch, facts: PatchFacts) -> _Judged:
    if not platform.evidence:
        return _Judged("undetermined", platform.note or "nothing proves the patch on this platform")
    if facts.packages is None and any(one.package for one in platform.evidence):
        return _Judged("undetermined", "no package manager's records could be read")
    if facts.components is None and any(one.component for one in platform.evidence):
        return _Judged("undetermined", "its software was not looked for: scan without --fast")
    return _Judged("not_present", "none of the software that has the hole was found")


def _judge_packages(platform: PlatformPatch, facts: PatchFacts) -> Iterable[_Judged]:
    """Of each package the line for this release decides; without one it is not known what is fixed here."""
    names = dict.fromkeys(one.package for one in platform.evidence if one.package)
    releases = describe_release(facts)
    for package in facts.packages or ():
        if package.name not in names:
            continue
        lines = [one for one in platform.evidence if one.package == package.name]
        fitting = [one for one in lines if one.release in releases] or [one for one in lines if not one.release]
        if not fitting:
            why = f"{package.name} {package.version}: the pack names no fixed version for this release"
            yield _Judged("undetermined", why, _name_package(package, "undetermined", ""))
            continue
        yield _judge_package(package, fitting[0])


def _judge_package(package: InstalledPackage, evidence: Evidence) -> _Judged:
    fixed = evidence.version_at_least
    has_fix = compare_versions(package.manager, package.version, fixed) >= 0
    if package.half and (has_fix or package.half == "half-installed"):  # else all its files are of the older version
        why = f"package {package.name} {package.version} is not whole ({package.half}): finish that, then scan again"
        return _Judged("undetermined", why, _name_package(package, "undetermined", fixed))
    if has_fix:
        return _Judged(
            "patched", f"package {package.name} {package.version} has the fix of {fixed}",
            _name_package(package, "patched", fixed),
        )  # fmt: skip
    why = f"package {package.name} {package.version} is older than {fixed}, which has the fix"
    return _Judged("vulnerable", why, _name_package(package, "vulnerable", fixed))


def _name_package(package: InstalledPackage, says: PatchVerdict, fixed: str) -> PatchSubject:
    return PatchSubject(
        says=says, name=package.name, version=package.version, fixed=fixed, manager=package.manager,
        architecture=package.architecture,
    )  # fmt: skip


def _judge_components(platform: PlatformPatch, facts: PatchFacts) -> Iterable[_Judged]:
    lines: dict[str, list[Evidence]] = {}
    for evidence in platform.evidence:
        if evidence.component:
            lines.setdefault(evidence.component, []).append(evidence)
    for component in facts.components or ():
        found = lines.get(f"{component.ecosystem}:{component.name}")
        if found:
            yield _judge_component(component, found)


def _judge_gaps(platform: PlatformPatch, facts: PatchFacts) -> Iterable[_Judged]:
    """What was not read may be one more copy, with the hole."""
    kinds = {one.component.partition(":")[0] if one.component else "packages" for one in platform.evidence}
    for gap in facts.gaps:
        if gap.of in kinds or (not gap.of and kinds - {"packages"}):
            where = f"{gap.where}: " if gap.where else ""
            yield _Judged("undetermined", f"not everything that may have the hole could be read: {where}{gap.why}")


def _judge_component(component: InstalledComponent, lines: list[Evidence]) -> _Judged:
    """The line with the highest `since` that the version has reached decides; one before all of them has no hole."""
    scheme = SCHEMES[component.ecosystem]
    decides: Evidence | None = None
    for line in lines:
        reached = not line.since or compare_versions(scheme, component.version, line.since) >= 0
        later = decides is None or not decides.since or compare_versions(scheme, line.since, decides.since) > 0
        if reached and later:
            decides = line
    name = f"{component.name} {component.version}"
    if decides is None:
        return _Judged("not_present", f"{name} is from before the hole", _name_component(component, "not_present", ""))
    fixed = decides.version_at_least
    if compare_versions(scheme, component.version, fixed) >= 0:
        return _Judged("patched", f"{name} has the fix of {fixed}", _name_component(component, "patched", fixed))
    if component.package:
        why = f"{name} came with the package {component.package}, which may hold the fix under an older number"
        return _Judged("undetermined", why, _name_component(component, "undetermined", fixed))
    why = f"{name} is older than {fixed}, which has the fix"
    return _Judged("vulnerable", why, _name_component(component, "vulnerable", fixed))


def _name_component(component: InstalledComponent, says: PatchVerdict, fixed: str) -> PatchSubject:
    return PatchSubject(
        says=says, name=component.name, version=component.version, fixed=fixed, ecosystem=component.ecosystem,
        path=component.path,
    )  # fmt: skip


def _judge_windows(platform: PlatformPatch, facts: PatchFacts) -> _Judged:
    if platform.needs == "iis" and facts.web_server == "":
        return _Judged("not_present", "IIS is not installed: there is nothing to reach the hole by")
    files = {fact.name.casefold(): fact for fact in facts.files}
    proofs = [one for one in platform.evidence if one.says == "patched" and _holds(one, facts, files)]
    holes = [one for one in platform.evidence if one.says == "vulnerable" and _holds(one, facts, files)]
    older = _find_older(platform, files)
    if proofs and not (holes or older):
        return _Judged("patched", _tell_proof(proofs[0], platform), _name_system(platform, "patched"))
    if proofs:
        why = f"{_tell_proof(proofs[0], platform)}, but {older or 'the file'} is the older one: the fix did not stay"
        return _Judged("undetermined", why, _name_system(platform, "undetermined"))
    if holes or older:
        why = f"{older or _tell_file(holes[0], files)} is older than the fix"
        return _Judged("vulnerable", why, _name_system(platform, "vulnerable"))
    if gone := _tell_gone(platform, facts, files):
        return _Judged("not_present", gone)
    if facts.keys is None:
        return _Judged("undetermined", NOT_READ)
    return _Judged("undetermined", "nothing proves the patch, and nothing that it is missing")


def _tell_gone(platform: PlatformPatch, facts: PatchFacts, files: dict[str, FileFact]) -> str:
    """Why what has the hole can't be there, "" if it can. An undetermined key says that the product is installed, maybe
    in another folder than the files that are asked for.
    """
    named = {one.file.casefold() for one in platform.evidence if one.file}
    marks = [one for one in platform.evidence if one.key and one.says == "undetermined"]
    if not all(name in files and not files[name].exists for name in named):
        return ""
    if marks and (facts.keys is None or any(_holds(one, facts, files) for one in marks)):
        return ""
    if marks:
        return "the product that has the hole is not installed"
    return "the file that has the hole is not there" if named else ""


def _holds(evidence: Evidence, facts: PatchFacts, files: dict[str, FileFact]) -> bool:
    if evidence.key:
        return facts.keys is not None and evidence.key.casefold() in {key.casefold() for key in facts.keys}
    if evidence.service_pack_at_least:
        return facts.service_pack is not None and facts.service_pack >= evidence.service_pack_at_least
    fact = files.get(evidence.file.casefold()) if evidence.file else None
    if fact is None or not fact.exists or not fact.version:
        return False
    if evidence.version_at_least:
        return compare_versions("dotted", fact.version, evidence.version_at_least) >= 0
    if compare_versions("dotted", fact.version, evidence.version) != 0 or not fact.date:
        return False
    after = not evidence.not_before or fact.date >= evidence.not_before
    return after and (not evidence.before or fact.date < evidence.before)


def _find_older(platform: PlatformPatch, files: dict[str, FileFact]) -> str:
    """A file whose version is older than every fixed one. A version that stands for both is none: its date decides."""
    for evidence in platform.evidence:
        fact = files.get(evidence.file.casefold()) if evidence.file and evidence.version_at_least else None
        if fact is None or not fact.exists or not fact.version:
            continue
        same_file = [one for one in platform.evidence if one.file.casefold() == evidence.file.casefold()]
        exact = any(one.version and compare_versions("dotted", fact.version, one.version) == 0 for one in same_file)
        enough = [one.version_at_least for one in same_file if one.version_at_least]
        if not exact and all(compare_versions("dotted", fact.version, one) < 0 for one in enough):
            return f"{fact.name} {fact.version}"
    return ""


def _tell_proof(evidence: Evidence, platform: PlatformPatch) -> str:
    """What proves the patch, and for which fixes it stands."""
    over = _list_superseded(evidence, platform)
    chain = f", which supersedes {', '.join(over)}" if over else ""
    if evidence.key:
        return f"the key {evidence.key} is there{chain}"
    if evidence.service_pack_at_least:
        return f"service pack {evidence.service_pack_at_least} or later is there{chain}"
    return f"{evidence.file} is {evidence.version_at_least or evidence.version} or later{chain}"


def _list_superseded(evidence: Evidence, platform: PlatformPatch) -> tuple[str, ...]:
    """All that it stands for: what it supersedes, what that supersedes in turn."""
    found: dict[str, None] = dict.fromkeys(evidence.supersedes)
    for name in list(found):
        for other in platform.evidence:
            if other.key.endswith(f"\\{name}"):
                found.update(dict.fromkeys(other.supersedes))
    return tuple(found)


def _tell_file(evidence: Evidence, files: dict[str, FileFact]) -> str:
    fact = files[evidence.file.casefold()]
    return f"{fact.name} {fact.version} of {fact.date}"


def _name_system(platform: PlatformPatch, says: PatchVerdict) -> PatchSubject:
    return PatchSubject(says=says, name=platform.platform)
