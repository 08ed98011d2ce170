"""From drafts to the actions of a plan: one for each thing, in one order, numbered."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from codered.model.finding import Finding, Subject
from codered.model.firewall import FirewallState
from codered.model.paths import FilePath
from codered.model.plan import Action, LinksState, PackageState, ProcessState
from codered.model.registry import fold_name
from codered.remediate.covered_keys import join_covered
from codered.remediate.drafts import Draft, Ground
from codered.remediate.file_state import ChangeFailed
from codered.remediate.mounts import check_changeable
from codered.remediate.plan_files import BY_CARE
from codered.remediate.plan_iis import join_cuts
from codered.remediate.plan_lines import merge_edits

Thing = tuple[str, bytes]


class Merged(NamedTuple):
    """The actions in order; the things that end, go or are replaced whole; and the findings whose drafts could not be
    merged, with the reason.
    """

    actions: tuple[Action, ...]
    handled: frozenset[Thing]
    failed: tuple[tuple[Finding, ChangeFailed], ...]

    def deals_with(self, subject: Subject) -> bool:
        """Whether nothing is left of what a finding is about once the plan is carried out."""
        if subject.pid is not None:
            return ("process", b"%d %d" % (subject.pid, subject.start or 0)) in self.handled
        if subject.registry is not None:
            name = subject.registry if subject.value is None else f"{subject.registry}: {subject.value or '(default)'}"
            return any(action.registry and fold_name(action.shown or "") == fold_name(name) for action in self.actions)
        return subject.path is not None and self.takes_away(subject.file_path())

    def takes_away(self, path: FilePath) -> bool:
        """Whether the file goes or is replaced whole."""
        return ("file", path.to_bytes()) in self.handled


def merge_drafts(drafts: Sequence[Draft], ground: Ground) -> Merged:
    """One action for each process, file and set of links; what several findings ask of a file is done at once."""
    things: dict[Thing, list[Draft]] = {}
    for draft in join_covered(drafts):
        things.setdefault(_name_thing(draft.action), []).append(draft)
    merged, failed = [], []
    for several in things.values():
        several.sort(key=lambda draft: draft.order)
        try:
            action = _merge(several, ground)
            check_changeable(action, ground.target)
        except (OSError, ChangeFailed) as error:
            why = ChangeFailed(error.strerror or "") if isinstance(error, OSError) else error
            failed += [(draft.finding, why) for draft in several]
            continue
        ids = tuple(dict.fromkeys(draft.finding.id for draft in several))
        merged.append((several[0].order, action.path.to_bytes(), replace(action, findings=ids)))
    merged.sort(key=lambda item: (item[0], item[1], item[2].kind))
    width = max(2, len(str(len(merged))))
    actions = tuple(replace(action, id=f"a{number:0{width}}") for number, (_, _, action) in enumerate(merged, 1))
    ends = {_name_thing(action) for action in actions if action.kind in (*BY_CARE, "stop_process", "kill_process")}
    return Merged(actions, frozenset(ends), tuple(failed))


def _merge(several: list[Draft], ground: Ground) -> Action:
    """Raises OSError, ChangeFailed."""
    whole = [draft for draft in several if draft.action.kind in BY_CARE]
    if whole:  # the file goes or is replaced, and its lines with it
        best = min(whole, key=lambda draft: (BY_CARE.index(draft.action.kind), draft.order)).action
        return _restore_with_mode(best, several)
    first = several[0].action
    if first.edit is not None:
        return merge_edits(join_cuts(several, ground), ground.target, ground.find_below(first.path))
    stop = (draft.action for draft in several if draft.action.kind == "stop_process")
    return next(stop, first)


def _restore_with_mode(action: Action, several: list[Draft]) -> Action:
    """A planted set-id bit goes too, where the source does not say which mode is right."""
    modes = [draft.action.edit.mode for draft in several if draft.action.edit and draft.action.edit.mode is not None]
    if action.source is None or action.source.owns_attributes or not modes or not action.file_state().exists:
        return action
    kept = action.file_state()
    source = replace(action.source, owns_attributes=True, mode=min(modes), uid=kept.uid, gid=kept.gid)
    return replace(action, source=source)


def _name_thing(action: Action) -> Thing:
    if isinstance(action.expects, ProcessState):
        return "process", b"%d %d" % (action.expects.pid, action.expects.start)
    if isinstance(action.expects, PackageState):
        package = action.expects
        return "package", f"{package.manager} {package.name} {package.architecture}".encode()
    if isinstance(action.expects, FirewallState):
        return "firewall", action.expects.name.encode()
    if action.registry is not None:
        place = action.registry
        name = fold_name(place.key if place.value is None else f"{place.hive}\0{place.key}\0{place.value}")
        return "registry", action.path.to_bytes() + b"\0" + name.encode(errors="backslashreplace")
    return ("links" if isinstance(action.expects, LinksState) else "file"), action.path.to_bytes()
