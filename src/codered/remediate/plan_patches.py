"""Planning against holes: a package that has one is upgraded if that was wished for and the version to be had has the
fix; a module by which it is reached is switched off. All else gets the vendor's guidance, and is left alone.
"""

import os
from collections.abc import Iterator

from codered.model.countermeasures import Mitigation
from codered.model.finding import Finding
from codered.model.patches import PatchAnswer, PatchSubject
from codered.model.paths import FilePath
from codered.model.plan import Action, LinksState, LinkState, PackageState
from codered.model.report import Report
from codered.remediate.drafts import MODULES, PACKAGES, Draft, Ground, LeftOut, Order
from codered.remediate.package_programs import choose_program, is_plain
from codered.remediate.service_links import read_link

MITIGATION = "a mitigation, not a patch: the hole stays"
_MOST_NAMES = 8
_MOST_VERSIONS = 32


def plan_patch(finding: Finding, report: Report, ground: Ground) -> list[Draft]:
    """What a finding of the layer of patches comes to. Raises LeftOut, OSError, ChangeFailed."""
    answer, subject = _find_answer(finding, report)
    drafts: list[Draft] = []
    if ground.wishes.mitigate:
        drafts += _plan_mitigations(finding, answer, ground)
    if not ground.wishes.patch:
        if drafts:
            return drafts
        more = "; codered plan --patch proposes what can be upgraded" if report.target.system == "linux" else ""
        raise LeftOut(f"{_guide(answer, subject)}{more}")
    try:
        drafts.append(_plan_upgrade(finding, answer, subject, ground))
    except LeftOut:
        if not drafts:
            raise
    return drafts


def _find_answer(finding: Finding, report: Report) -> tuple[PatchAnswer, PatchSubject]:
    for answer in report.patches:
        mine = (answer.pack and answer.pack == finding.pack) or (
            answer.advisory and answer.advisory == finding.indicator
        )
        for subject in answer.subjects if mine else ():
            path = subject.path.text if subject.path else None
            if (subject.name, path, subject.says) == (finding.subject.key, finding.subject.path, "vulnerable"):
                return answer, subject
    raise LeftOut("the report does not say which version has the fix: scan again with this version")


def _guide(answer: PatchAnswer, subject: PatchSubject) -> str:
    """What the vendor says to do."""
    to = f"bring {subject.name} to {subject.fixed} or later" if subject.fixed else "no version with the fix is known"
    more = [*answer.guidance, *answer.references][:4]
    said = f" (see {', '.join(more)})" if more else ""
    mappings = [one.mapping for one in answer.mitigations if one.kind == "unmap"]
    unmap = f"; until then, take the script mapping {', '.join(mappings)} away by hand" if mappings else ""
    return f"{to}{said}{'; a reboot is needed then' if answer.needs_reboot else ''}{unmap}"


def _plan_upgrade(finding: Finding, answer: PatchAnswer, subject: PatchSubject, ground: Ground) -> Draft:
    guide, info = _guide(answer, subject), ground.target.info
    if subject.manager is None:
        raise LeftOut(f"no package manager brought it: {guide}")
    if info.kind != "live_linux" or info.root != "/":
        raise LeftOut(f"packages are upgraded only on the running host itself: {guide}")
    manager = choose_program(subject.manager)
    before = PackageState(
        manager=subject.manager, name=subject.name, architecture=subject.architecture, version=subject.version
    )
    if not is_plain(before):  # a status file is hostile, and so is a report
        raise LeftOut("its name or version is none that a package can have: look at the package manager's records")
    if manager.read_version(before) != (subject.version, True):
        raise LeftOut("it is at another version than the scan saw, or not whole: scan again")
    candidate = manager.find_candidate(before)
    has_fix = subject.fixed and ground.wishes.not_older(
        subject.manager, candidate.source_version if subject.by_source else candidate.version, subject.fixed
    )
    if not candidate.version or not has_fix:
        to_be_had = f"{candidate.version} is the newest" if candidate.version else "none"
        raise LeftOut(f"no version with the fix can be had here ({to_be_had}): update the lists, or {guide}")
    after = PackageState(
        manager=before.manager, name=before.name, architecture=before.architecture, version=candidate.version
    )
    changes = manager.list_changes(after)
    others = [one.name for one in changes if one.name != before.name]
    kept = all(manager.can_fetch(one) for one in changes if one.version)
    because = f"{finding.because.rstrip('.')}; {candidate.version} has it"
    because += f"; changes with it: {', '.join(others[:_MOST_NAMES])}" if others else ""
    because += "" if kept else "; the version before can't be had any more, so this can't be undone"
    because += "; a reboot is needed afterwards" if answer.needs_reboot else ""
    action = Action(
        id="a", kind="upgrade_package", path=FilePath(manager.place), expects=before, upgrade=after, because=because,
        pack=finding.pack, shown=f"{before.name} {before.version} to {after.version}", undoable=kept,
    )  # fmt: skip
    return Draft(finding=finding, order=Order(PACKAGES, 0, 0), action=action)


def _plan_mitigations(finding: Finding, answer: PatchAnswer, ground: Ground) -> Iterator[Draft]:
    for number, mitigation in enumerate(answer.mitigations):
        if mitigation.kind == "unmap":
            continue  # a mapping is of one site or another, which a hole does not say: see `_guide`
        links = [link for link in _list_links(mitigation, ground) if link.target is not None]
        if not links:
            continue
        action = Action(
            id="a",
            kind="disable_module",
            path=links[0].path,
            expects=LinksState(links=tuple(links)),
            becomes=LinksState(links=tuple(LinkState(path=link.path) for link in links)),
            because=f"{mitigation.because.rstrip('.')} ({MITIGATION})",
            pack=finding.pack,
            shown=f"module {mitigation.module}",
        )
        yield Draft(finding=finding, order=Order(MODULES, 0, number), action=action)


def _list_links(mitigation: Mitigation, ground: Ground) -> Iterator[LinkState]:
    """The links that load the module now."""
    server, _, module = mitigation.module.partition(":")
    if server == "apache2":
        rels = [f"etc/apache2/mods-enabled/{module}.{end}" for end in ("load", "conf")]
        yield from (read_link(ground.at(os.fsencode(rel)), ground.target) for rel in rels)
        return
    for folder in _list_php_folders(ground):
        names = _list_names(ground, folder)
        wanted = [name for name in names if name.partition(b"-")[2] == os.fsencode(module) + b".ini"]
        yield from (read_link(ground.at(folder + b"/" + name), ground.target) for name in wanted)


def _list_php_folders(ground: Ground) -> Iterator[bytes]:
    """etc/php/VERSION/SERVER/conf.d."""
    for version in _list_names(ground, b"etc/php"):
        for server in _list_names(ground, b"etc/php/" + version):
            yield b"etc/php/" + version + b"/" + server + b"/conf.d"


def _list_names(ground: Ground, rel: bytes) -> list[bytes]:
    try:
        folder = ground.target.open_dir(rel)
    except OSError:
        return []
    try:
        return sorted(map(os.fsencode, os.listdir(folder)))[: _MOST_VERSIONS * _MOST_VERSIONS]
    finally:
        os.close(folder)
