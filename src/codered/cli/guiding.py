"""The guided workflow of `codered respond`."""

from pathlib import Path

from codered import respond
from codered.cli import changes, proving, running
from codered.cli.options import ChangeOptions, RespondOptions, VerifyOptions
from codered.cli.output import exit_code_of, say, show, write_report, write_whole
from codered.export.plans import render_plan
from codered.export.reports import RENDERERS
from codered.export.writing.words import count_of
from codered.model.errors import ExitCode, WrongUse
from codered.model.plan import Plan
from codered.model.report import Report


def guide(asked: RespondOptions) -> int:
    """Every step of a response on one target."""
    if asked.fast and asked.paths:
        raise WrongUse("--fast is for a whole system", advice="leave PATH away")
    where = running.choose_target(asked.paths, asked.root, ())
    rules = running.load_rules(whole=running.is_whole(where))
    _head(1, "Look", "Reading only. Nothing is changed in this step.")
    report = running.run_scan(where, rules, running.Manner(fast=asked.fast))
    write_report(report, as_json=False)
    if not report.findings:
        return exit_code_of(report)
    _head(2, "Plan", "What would be changed, and what not. Still nothing is changed.")
    source = Path(asked.restore_from).absolute() if asked.restore_from else None
    plan = respond.make_plan(report, rules.packs, where.target, respond.PlanWishes(restore_from=source))
    show(render_plan(plan))
    saved = _save(plan, RENDERERS["json"](report))
    if not plan.actions:
        say("codered: nothing here is for this tool to change; see what was left alone, and why")
        return ExitCode.FOUND
    code = _change(asked, saved)
    return _judge_rest(report, plan) if code == ExitCode.CLEAN else code


def _judge_rest(report: Report, plan: Plan) -> int:
    """What the first look found and the plan left alone is still there, and what it missed is still not looked at."""
    changed = {action.path.text for action in plan.actions}
    left = [finding for finding in report.findings if finding.layer != "logs" and finding.subject.path not in changed]
    if left:
        say(f"codered: left alone, and still there: {count_of(len(left), 'finding')}; see the plan's reasons")
        return ExitCode.FOUND
    if report.gaps():
        say("codered: not everything could be looked at in the first step: see its report")
        return ExitCode.INCOMPLETE
    return ExitCode.CLEAN


def _change(asked: RespondOptions, saved: Path) -> int:
    _head(3, "Apply", "Each change is journaled first, verified after, and can be rolled back.")
    told = ChangeOptions(str(saved), dry_run=False, yes=asked.yes, as_json=False)
    held = changes.carry_out(told, show_plan=False) == ExitCode.INCOMPLETE
    _head(4, "Verify", "A new look at every place that was changed.")
    code = proving.prove(VerifyOptions(str(saved), as_json=False, output=()))
    if code == ExitCode.CLEAN and held:
        say("codered: the files are clean, but something is still frozen and would be started again: see above")
        return ExitCode.INCOMPLETE
    if code == ExitCode.CLEAN:
        say("codered: what the plan removed is gone. Now patch, and read the advice above: clean-up is not cure")
    else:
        say("codered: there is still something: look at the report above")
    return code


def _save(plan: Plan, report: str) -> Path:
    path = respond.keep_plan(plan)
    beside = path.with_suffix(".report.json")
    write_whole(str(beside), report)
    say(f"codered: saved {path} and {beside.name} beside it")
    return path


def _head(number: int, title: str, text: str) -> None:
    show(f"\n{number}. {title}\n{text}\n\n")
