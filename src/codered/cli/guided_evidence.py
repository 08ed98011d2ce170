"""The evidence of a response: how much it is, whether it may be collected, and what was kept."""

from codered import respond
from codered.cli import changes
from codered.cli.evidencing import evidence_folder, name_user, parse_size
from codered.cli.options import ChangeOptions
from codered.cli.output import say
from codered.evidence.container import BUDGET
from codered.export.writing.words import count_of, format_bytes
from codered.model.errors import Refused
from codered.model.evidence import EvidenceSummary
from codered.model.plan import Plan
from codered.model.response import EvidenceKept
from codered.respond.book import ResponseBook
from codered.respond.workflow import StepResult
from codered.scan.evidence_gathering import EvidenceWishes, collect_for_plan, estimate_evidence
from codered.targets import reopen_target

_GO_ON = "raise it with --budget SIZE, or go on without: --no-evidence REASON"


def collect_evidence(book: ResponseBook, plan: Plan, staged: bool, agreed: bool) -> StepResult:
    """Keep what the plan touches before anything is touched; only say how much it is if `staged`. Raises Refused,
    WrongUse.
    """
    response = book.response
    if response.asked.no_evidence:
        book.keep(evidence=EvidenceKept(skipped=response.asked.no_evidence))
        return StepResult("skipped", told=(f"Not collected, for this reason: {response.asked.no_evidence}",))
    target = reopen_target(plan.target)
    budget = parse_size(response.asked.budget) if response.asked.budget else BUDGET
    expected = estimate_evidence(plan, response.report, target)
    size = f"about {format_bytes(expected)} of evidence, with a budget of {format_bytes(budget)}"
    if staged:
        return StepResult("staged", told=(f"{size}: collected when the response goes on",))
    say(f"codered: {size}")
    if expected > budget:
        raise Refused("the evidence is larger than its budget; nothing was changed", where=size, advice=_GO_ON)
    asked = ChangeOptions(plan.id, dry_run=False, yes=agreed, as_json=False)
    changes.ask(asked, "Collect it before anything is changed?")
    wishes = EvidenceWishes(
        folder=evidence_folder(), key=respond.state_folder() / "keys" / "host.key", by=name_user(), budget=budget,
        authority=f"codered respond, response {response.id}",
    )  # fmt: skip
    summary = collect_for_plan(plan, response.report, target, wishes)
    book.keep(evidence=_note(summary))
    if not summary.complete:
        what = f"the evidence is not complete: {summary.ended}; nothing was changed"
        raise Refused(what, where=summary.folder, advice="make room, or go on without: --no-evidence REASON")
    told = [f"{summary.id}: {count_of(summary.items, 'item')}, {format_bytes(summary.bytes)}, in {summary.folder}"]
    told.append(f"Head of the custody log, to be noted elsewhere: {summary.head}")
    if summary.left_out:
        told.append(f"{count_of(len(summary.left_out), 'thing')} left out, each with its reason in the container")
    return StepResult("done", told=tuple(told))


def _note(summary: EvidenceSummary) -> EvidenceKept:
    return EvidenceKept(
        id=summary.id,
        place=summary.folder,
        head=summary.head,
        items=summary.items,
        bytes=summary.bytes,
        complete=summary.complete,
    )
