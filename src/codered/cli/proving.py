"""What `verify` does between the command line and `respond`."""

from pathlib import Path

from codered import respond
from codered.cli import changes, running
from codered.cli.known_baseline import make_look
from codered.cli.options import VerifyOptions
from codered.cli.output import check_outputs, format_of, say, show, write_whole
from codered.export.reports import RENDERERS
from codered.export.reports.json_document import render_document
from codered.export.responses.text import render_verification
from codered.known_good.storing import SignedBaseline
from codered.model.errors import ExitCode, WrongUse
from codered.model.finding import Finding
from codered.model.plan import Plan
from codered.model.report import Report
from codered.model.response import Verification
from codered.model.target import Place, Target
from codered.respond.verifying import find_first_report


def prove(asked: VerifyOptions) -> int:
    """`codered verify`."""
    check_outputs(asked.output)
    plan = changes.find_plan(asked.plan)
    verification = look_again(plan, _read_first_findings(plan, asked.plan))
    text = render_verification(verification)
    for path in asked.output:
        write_whole(path, _render(verification, format_of(path)))
    show(render_document(verification) if asked.as_json else text)
    return exit_code_of_verification(verification)


def look_again(plan: Plan, before: tuple[Finding, ...], baseline: SignedBaseline | None = None) -> Verification:
    """Scan again, without any cache, and judge what is left of what the plan should have removed. Raises WrongUse."""
    with respond.opened_for_plan(plan, write=False, whole=True) as target:
        if plan.actions and not respond.was_applied(plan):
            say("codered: nothing of this plan is applied here: this shows what there was to remove")
        rules = running.load_rules(tuple(pack.partition(" ")[0] for pack in plan.packs))
        known = make_look(baseline, target) if baseline is not None else None

        def scan_places(_target: Target, _packs: object, places: tuple[Place, ...]) -> Report:
            where = running.Where(target, places, read_logs=False)
            return running.run_scan(where, rules, running.Manner(baseline=known))

        return respond.verify(plan, target, rules.packs, scan_places, before)


def exit_code_of_verification(verification: Verification) -> int:
    """0 clean · 1 something is there · 3 it can't be said yet · 130 stopped by the user."""
    if verification.report.interrupted:
        return ExitCode.INTERRUPTED
    if verification.answer in ("residual", "reinfected"):
        return ExitCode.FOUND
    return ExitCode.INCOMPLETE if verification.answer == "incomplete" else ExitCode.CLEAN


def _read_first_findings(plan: Plan, named: str) -> tuple[Finding, ...]:
    """The findings that the plan was made for, where their report lies beside it."""
    path = Path(named) if Path(named).exists() else respond.plan_file(plan.id)
    beside = find_first_report(path)
    if not beside.is_file():
        return ()
    try:
        report = respond.read_report(beside)
    except WrongUse as error:
        say(f"codered: the first report is not used: {error}")
        return ()
    return report.findings if report.id == plan.report_id else ()


def _render(verification: Verification, form: str) -> str:
    if form == "json":
        return render_document(verification)
    return render_verification(verification) if form == "text" else RENDERERS[form](verification.report)
