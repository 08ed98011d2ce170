"""What `plan`, `apply` and `rollback` do between the command line and `respond`."""

import sys
from pathlib import Path

import msgspec
import rich_click as click

from codered import respond
from codered.cli import running
from codered.cli.known_baseline import read_known_good
from codered.cli.options import ChangeOptions, PlanOptions
from codered.cli.output import say, show
from codered.cli.scanning import find_advisories
from codered.cli.source_checks import refuse_missing_sources
from codered.export.plans import render_plan, tell_blocked
from codered.export.writing.escaping import legible
from codered.export.writing.words import count_of
from codered.model.errors import ExitCode, Refused, WrongUse
from codered.model.plan import FileState, Plan
from codered.model.report import Report
from codered.model.target import Target
from codered.respond.trust import check_allowed

_STEP_WORDS = {
    "begun": None,  # the journal knows; people want to see what came of it
    "verified": "done",
    "failed": "FAILED",
    "undo_begun": None,
    "undone": "undone",
    "left": "LEFT ALONE",
    "held": "held",
    "released": "released",
    "ended": "ended",
    "stays": "CAN'T BE UNDONE",
}


def make(asked: PlanOptions) -> int:
    """`codered plan`. Raises WrongUse, Refused."""
    refuse_missing_sources(asked)
    report = respond.read_report(Path(asked.report))
    packs = running.load_named_packs(tuple(pack.name for pack in report.packs))
    known = None if asked.advisories else report.findings  # advisories are about all that is installed
    with respond.opened_for_planning(report.target, known) as target:
        if asked.advisories:
            report = _judge_again(report, target, asked.advisories)
        plan = respond.make_plan(report, packs, target, _read_wishes(asked, target))
    if asked.output:
        path = Path(asked.output)
        respond.write_plan(plan, path)
    else:
        path = respond.keep_plan(plan)
    show(_as_json(plan) if asked.as_json else render_plan(plan))
    say(f"codered: saved as {path}")
    if plan.actions:
        say(f"codered: review it, then: codered apply {asked.output or plan.id}")
    unsure = tell_blocked(plan) or report.gaps() or report.interrupted
    return ExitCode.INCOMPLETE if unsure and not plan.actions else ExitCode.CLEAN


def _judge_again(report: Report, target: Target, named: str) -> Report:
    """The report with what more advisories say. Raises WrongUse."""
    from codered.scan.patch_look import add_advisories

    looked = add_advisories(report, target, find_advisories(named))
    for look in looked.looks[len(report.looks) :]:
        say(f"codered: {legible(look.examples[0])}: {legible(look.why)}")
    return looked


def _read_wishes(asked: PlanOptions, target: Target) -> respond.PlanWishes:
    return respond.PlanWishes(
        restore_from=Path(asked.restore_from).absolute() if asked.restore_from else None,
        include_suspicious=asked.include_suspicious,
        packages=tuple(Path(folder).absolute() for folder in asked.packages),
        keyring=Path(asked.keyring).absolute() if asked.keyring else None,
        lists=Path(asked.lists).absolute() if asked.lists else None,
        offline=asked.offline,
        baseline=read_known_good(asked.baseline, target) if asked.baseline else None,
        patch=asked.patch,
        mitigate=asked.mitigate,
    )


def carry_out(asked: ChangeOptions) -> int:
    """`codered apply`."""
    plan = find_plan(asked.plan)
    respond.check_there(plan)  # a target that is not here is told before the plan is shown
    if not asked.as_json and (asked.dry_run or not asked.yes):
        show(render_plan(plan))
    if asked.dry_run:
        with respond.opened_for_plan(plan, write=False) as target:
            respond.check(plan, target)
        if asked.as_json:
            show(_as_json(plan))
        noun = "files" if all(isinstance(action.expects, FileState) for action in plan.actions) else "things"
        say(f"codered: dry run: all {len(plan.actions)} {noun} are as the plan expects; nothing was changed")
        return ExitCode.CLEAN
    check_allowed("apply", plan, asked.job)
    ask(asked, f"Apply these {len(plan.actions)} changes to {plan.target.root}?")
    try:
        with respond.opened_for_plan(plan, write=True) as target:
            outcome = respond.apply(plan, target, tell_step(asked.as_json))
    except KeyboardInterrupt:
        say(f"codered: stopped; what is done is journaled. Finish it: codered apply {asked.plan} --yes")
        say(f"codered: or undo it: codered rollback {asked.plan} --yes")
        if respond.list_frozen(plan):
            say("codered: processes that are frozen stay frozen until then")
        raise
    return report_outcome(asked, plan, outcome)


def report_outcome(asked: ChangeOptions, plan: Plan, outcome: respond.Outcome) -> int:
    """Say how an apply ended; the exit code."""
    _print_outcome(outcome, asked.as_json)
    blocked = tell_blocked(plan)
    if not plan.actions:
        say("codered: the plan holds no changes")
    elif outcome.already:
        say("codered: this plan is already applied; nothing was left to do")
    else:
        say(f"codered: {count_of(len(outcome.done), 'change')} done and verified")
    for left in outcome.left:
        say(f"codered: changed since: {left.where}: {left.because}")
    for held in outcome.held:
        say(f"codered: still frozen: process {held.pid} ({held.where}), a child of {held.parent}: {held.because}")
    if outcome.held:
        say(f"codered: end what starts it again and apply again, or: codered apply {asked.plan} --at-boot")
        return ExitCode.INCOMPLETE
    if plan.actions and (overlay := respond.overlay_file(plan)):
        say(f"codered: the image itself is unchanged; the cleaned disk, which needs it beneath: {overlay}")
    if blocked:
        say(f"codered: {legible(blocked)}")
    if plan.actions and plan.left_alone:
        say(f"codered: not finished by this plan: {count_of(len(plan.left_alone), 'thing')} left alone: see the plan")
    if plan.actions:
        say(f"codered: next: codered verify {asked.plan}   ·   to undo everything: codered rollback {asked.plan}")
    leaving = respond.list_leaving(plan) if plan.actions else ()
    for path in leaving:
        say(f"codered: was in use, and goes at the next start of Windows: {legible(path)}")
    if outcome.left:
        return ExitCode.FOUND
    return ExitCode.INCOMPLETE if blocked or leaving else ExitCode.CLEAN


def take_back(asked: ChangeOptions) -> int:
    """`codered rollback`."""
    plan = find_plan(asked.plan)
    respond.check_there(plan)
    if asked.dry_run:
        return _tell_undo(plan, asked.as_json)
    check_allowed("rollback", plan, asked.job)
    for process in respond.list_frozen(plan):
        say(f"codered: process {process.pid} is frozen and goes on: end it yourself if it must not")
    ask(asked, f"Undo the {len(plan.actions)} changes of plan {plan.id} in {plan.target.root}?")
    with respond.opened_for_plan(plan, write=True) as target:
        outcome = respond.undo(plan, target, tell_step(asked.as_json))
    _print_outcome(outcome, asked.as_json)
    if outcome.undone or not outcome.not_undoable:
        say(
            f"codered: {count_of(len(outcome.undone), 'change')} undone"
            if outcome.undone
            else "codered: there was nothing to undo"
        )
    for item in outcome.not_undoable:
        say(f"codered: can't be undone: {item.where}: {item.because}")
    return ExitCode.CLEAN


def _tell_undo(plan: Plan, as_json: bool) -> int:
    """What a rollback would undo, the last change first."""
    changes = respond.list_undoable(plan)
    lines = [f"  {action.kind} {legible(action.shown or action.path.text)}\n" for action in changes]
    if as_json:
        show(msgspec.json.format(msgspec.json.encode([action.id for action in changes]), indent=2).decode() + "\n")
    else:
        show("".join(lines))
    say(f"codered: dry run: would undo {count_of(len(changes), 'change')} in {plan.target.root}; nothing was changed")
    return ExitCode.CLEAN


def find_plan(named: str) -> Plan:
    """The plan in a file of this name, or the saved plan of this id. Raises WrongUse."""
    path = Path(named)
    if path.exists() or "/" in named or named.endswith(".json"):
        return respond.read_plan(path)
    saved = respond.plan_file(named)
    if not saved.exists():  # its own file may be lost, but an applied plan has a copy in its case
        saved = respond.state_folder() / "cases" / named / "plan.json"
    if not saved.exists():
        raise WrongUse("no such plan", where=named, advice="give a plan's file, or the id that `codered plan` printed")
    return respond.read_plan(saved)


def ask(asked: ChangeOptions, question: str) -> None:
    """Ask whoever sits there, unless --yes says it. Raises Refused."""
    if asked.yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused("nobody is there to ask", advice="review the plan, then add --yes")
    if not click.confirm(question, err=True):
        raise Refused("not confirmed; nothing was changed")


def tell_step(quiet: bool) -> respond.OnStep:
    """A line for each thing that happens; none if `quiet`."""

    def tell(step: respond.Step) -> None:
        word = _STEP_WORDS[step.event]
        if word and not quiet:
            note = f" ({step.note})" if step.note else ""
            place = step.action.shown or step.action.path.text
            say(f"  {step.number}/{step.total}  {word}: {step.action.kind} {place}{note}")

    return tell


def _print_outcome(outcome: respond.Outcome, as_json: bool) -> None:
    if outcome.unlogged:
        say(f"codered: no entry in the event log of Windows: {legible(outcome.unlogged)}")
    if as_json:
        show(_as_json(outcome))


def _as_json(value: msgspec.Struct) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"
