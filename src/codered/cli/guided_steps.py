"""The steps of `codered respond`. Each may be taken again after a crash and comes to the same."""

import sys
from pathlib import Path
from typing import NamedTuple

from codered import respond
from codered.cli import changes, proving, running
from codered.cli.guided_applying import apply_agreed, put_off
from codered.cli.guided_containment import contain_threats, end_containment
from codered.cli.guided_evidence import collect_evidence
from codered.cli.guided_watch import install_watch
from codered.cli.known_baseline import make_look, read_known_good
from codered.cli.options import ChangeOptions
from codered.cli.output import exit_code_of, say, show, write_whole
from codered.export.plans import render_plan
from codered.export.reports import RENDERERS
from codered.export.responses.text import render_decision, render_verification
from codered.export.writing.words import count_of
from codered.model.errors import CodeRedError, ExitCode, WrongUse
from codered.model.pack import LoadedPack
from codered.model.plan import Plan
from codered.model.report import Report
from codered.model.target import ChangeableTarget
from codered.respond.advising import advise_on
from codered.respond.book import ResponseBook
from codered.respond.verifying import find_first_report
from codered.respond.workflow import StepResult, WorkStep, choose_code
from codered.targets import reopen_target

_MOST_TOLD = 20


class Manners(NamedTuple):
    """`staged`: nothing is changed; `agreed`: nobody is asked any more; `quiet`: nothing goes to stdout."""

    staged: bool
    agreed: bool
    quiet: bool


def may_ask() -> bool:
    """Whether somebody sits there."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class GuidedSteps:
    """The steps of one response, in their order."""

    def __init__(self, book: ResponseBook, manners: Manners, where: running.Where | None = None) -> None:
        self._book = book
        named = book.response.asked.baseline
        target = where.target if where is not None else self._reopen() if named else None
        self.baseline = read_known_good(named, target) if named and target is not None else None
        self._manners = manners
        self._where = where

    def list_steps(self) -> tuple[WorkStep, ...]:
        """All steps, in the order of the work."""
        return (
            WorkStep("look", self.look),
            WorkStep("contain", self.contain),
            WorkStep("evidence", self.keep_evidence),
            WorkStep("plan", self.plan),
            WorkStep("review", self.review),
            WorkStep("apply", self.apply),
            WorkStep("restore", self.tell_restored),
            WorkStep("patch", self.tell_patched),
            WorkStep("verify", self.verify),
            WorkStep("monitor", self.watch),
        )

    def look(self) -> StepResult:
        """Scan the target."""
        asked = self._book.response.asked
        where = self._where or running.choose_target(asked.paths, asked.root or None, ())
        rules = running.load_rules(whole=running.is_whole(where))
        known = make_look(self.baseline, where.target) if self.baseline is not None else None
        report = running.run_scan(where, rules, running.Manner(fast=asked.fast, baseline=known))
        self._book.keep(report=report)
        self._show(RENDERERS["text"](report))
        code = exit_code_of(report)
        told = (f"{report.verdict}: {count_of(len(report.findings), 'finding')}",)
        if report.interrupted:
            return StepResult("failed", code, told, ends=True)
        return StepResult("done", code, told, ends=not report.findings)

    def contain(self) -> StepResult:
        """Keep it from spreading while the rest is done."""
        manners = self._manners
        return contain_threats(
            self._book, self._report(), self._load_packs(), staged=manners.staged, agreed=manners.agreed
        )

    def keep_evidence(self) -> StepResult:
        """Make the plan, which says what is touched, and keep what is there of it."""
        plan = self._draft()
        if not plan.actions:
            return StepResult("skipped", told=("Nothing is to be changed, so nothing is kept before",))
        return collect_evidence(self._book, plan, self._manners.staged, self._manners.agreed)

    def plan(self) -> StepResult:
        """Show the plan."""
        plan = self._draft()
        self._show(render_plan(plan))
        path = respond.plan_file(plan.id)
        say(f"codered: saved {path} and {find_first_report(path).name} beside it")
        told = (f"{count_of(len(plan.actions), 'change')}, {count_of(len(plan.left_alone), 'thing')} left alone",)
        if not plan.actions:
            say("codered: nothing here is for this tool to change; see what was left alone, and why")
            return StepResult("done", ExitCode.FOUND, told, ends=True)
        return StepResult("done", told=told)

    def review(self) -> StepResult:
        """Show the decision sheet and have somebody agree, or end here."""
        plan = self._plan()
        sheet = advise_on(self._book.response, self.baseline)
        self._book.keep(decision=sheet)
        told = (f"The advice: {sheet.advice}", f"Digest of the plan: {plan.digest}")
        if self._manners.staged:
            return StepResult("staged", ExitCode.FOUND, (*told, "Nobody agreed yet; nothing was changed"), ends=True)
        if not self._manners.agreed:
            self._show(render_decision(sheet))
        asked = ChangeOptions(plan.id, dry_run=False, yes=self._manners.agreed, as_json=False)
        changes.ask(asked, f"Apply these {len(plan.actions)} changes to {plan.target.root}?")
        self._manners = self._manners._replace(agreed=True)
        return StepResult("done", told=(*told, "Agreed"))

    def apply(self) -> StepResult:
        """Carry the plan out, or finish what an earlier run began."""
        return put_off(self._plan()) if self._manners.staged else apply_agreed(self._plan())

    def tell_restored(self) -> StepResult:
        """What came back, and from where."""
        plan = self._plan()
        told = [
            f"{action.shown or action.path.text}: from {action.source.origin or action.source.path.text}"
            for action in plan.actions
            if action.source is not None
        ]
        bare = [f"{each.what}: {each.because}" for each in plan.left_alone if "no verified source" in each.because]
        if not told and not bare:
            return StepResult("skipped", told=("Nothing had to be restored",))
        return StepResult("done", told=_cut([*told, *bare]))

    def tell_patched(self) -> StepResult:
        """Which packages were upgraded, and what the answers about the holes are."""
        plan, report = self._plan(), self._report()
        told = [
            f"{action.upgrade.name}: upgraded to {action.upgrade.version}"
            for action in plan.actions
            if action.upgrade is not None
        ]
        told += [f"{each.pack}: {each.says}" for each in report.patches if each.says != "not_present"]
        told += [line for line in plan.advice if "close the hole" in line]
        if not told:
            return StepResult("skipped", told=("No pack of what was found names a hole",))
        return StepResult("done", told=_cut(told))

    def verify(self) -> StepResult:
        """Look again, without any cache."""
        found = proving.look_again(self._plan(), self._report().findings, self.baseline)
        self._book.keep(verification=found)
        self._show(render_verification(found))
        code = proving.exit_code_of_verification(found)
        told: tuple[str, ...] = (f"{found.answer}: {found.because}",)
        if found.report.interrupted:
            return StepResult("failed", code, told, ends=True)
        told += end_containment(self._book, is_clean=code == ExitCode.CLEAN, agreed=self._manners.agreed)
        applied = self._book.response.step("apply")
        if code == ExitCode.CLEAN and applied is not None and applied.code == ExitCode.INCOMPLETE:
            say("codered: the files are clean, but something is still frozen and would be started again: see above")
            return StepResult("done", ExitCode.INCOMPLETE, told)
        if code == ExitCode.CLEAN:
            say("codered: what the plan removed is gone. Now patch, and read the advice above: clean-up is not cure")
        elif found.reboot and found.answer == "incomplete":
            return StepResult("staged", code, (*told, "To be looked at again after a start of the host"))
        elif found.answer == "incomplete":
            say("codered: it can't be said yet whether all is gone: see above what is not certain")
        else:
            say("codered: there is still something: look at the report above")
        return StepResult("done", code, told)

    def watch(self) -> StepResult:
        """Have the host watched if that was asked for; else say how."""
        plan, length = self._plan(), self._book.response.asked.monitor
        command = f"codered monitor --plan {plan.id} --for {length or '72h'} --install"
        if "processes" not in self._report().target.offers:
            return StepResult("skipped", told=("What was looked at does not run here: there is nothing to watch",))
        if not length:
            return StepResult("skipped", told=(f"To watch this host: {command}",))
        if self._manners.staged:
            return StepResult("staged", told=(f"Not watched by this run; to be watched when it goes on: {command}",))
        if not self._manners.agreed:
            changes.ask(ChangeOptions(plan.id, dry_run=False, yes=False, as_json=False), f"Watch for {length}?")
        try:
            install_watch(str(respond.plan_file(plan.id)), length)
        except CodeRedError as error:
            return StepResult("failed", error.exit_code, (f"Not watched: {error}",))
        return StepResult("done", told=(f"Watched for {length}: codered monitor status {plan.id}",))

    def is_outdated(self) -> bool:
        """Whether the host became another before the plan was begun, so that this response can't go on."""
        plan, applied = self._book.response.plan, self._book.response.step("apply")
        if plan is None or applied is None or applied.state != "failed":
            return False
        try:
            return respond.is_outdated(plan, reopen_target(plan.target))
        except CodeRedError:
            return False  # a volume that is not there may come back

    def judge_rest(self, code: int) -> int:
        """The code of the whole; a watch that was asked for and is not there is no clean end."""
        code = self._judge_rest(code)
        watch = self._book.response.step("monitor")
        return code or watch.code if watch is not None and watch.state == "failed" else code

    def _judge_rest(self, code: int) -> int:
        """What the first look found and the plan left alone is still there; what it missed is still not looked at."""
        response = self._book.response
        verify = response.step("verify")
        if response.report is None or response.plan is None or verify is None:
            return code
        if verify.code not in (ExitCode.CLEAN, ExitCode.INCOMPLETE):
            return verify.code
        changed = {action.path.text for action in response.plan.actions}
        findings = response.report.findings
        left = [found for found in findings if found.layer != "logs" and found.subject.path not in changed]
        if left:
            say(f"codered: left alone, and still there: {count_of(len(left), 'finding')}; see the plan's reasons")
            return ExitCode.FOUND
        if response.report.gaps():
            say("codered: not everything could be looked at in the first step: see its report")
            return ExitCode.INCOMPLETE
        applied = response.step("apply")
        return choose_code([verify.code, applied.code if applied else ExitCode.CLEAN])

    def _reopen(self) -> ChangeableTarget:
        """The target of a response that goes on: that of its report, or what was asked for."""
        response = self._book.response
        if response.report is not None:
            return reopen_target(response.report.target)
        return running.choose_target(response.asked.paths, response.asked.root or None, ()).target

    def _draft(self) -> Plan:
        """The plan of this response, made once: the same one is shown, agreed to and carried out."""
        response = self._book.response
        if response.plan is not None:
            return response.plan
        report = self._report()
        target = reopen_target(report.target)
        plan = respond.make_plan(report, self._load_packs(), target, self._read_wishes())
        path = respond.keep_plan(plan)
        write_whole(str(find_first_report(path)), RENDERERS["json"](report))
        self._book.keep(plan=plan)
        return plan

    def _read_wishes(self) -> respond.PlanWishes:
        asked = self._book.response.asked
        return respond.PlanWishes(
            restore_from=Path(asked.restore_from) if asked.restore_from else None,
            include_suspicious=asked.include_suspicious,
            packages=tuple(Path(path) for path in asked.packages),
            keyring=Path(asked.keyring) if asked.keyring else None,
            lists=Path(asked.lists) if asked.lists else None,
            offline=asked.offline,
            baseline=self.baseline,
            patch=asked.patch,
        )

    def _load_packs(self) -> tuple[LoadedPack, ...]:
        return running.load_named_packs(tuple(pack.name for pack in self._report().packs))

    def _report(self) -> Report:
        report = self._book.response.report
        if report is None:
            raise WrongUse("the first look is missing", where=self._book.response.id, advice="start a new response")
        return report

    def _plan(self) -> Plan:
        plan = self._book.response.plan
        if plan is None:
            raise WrongUse("the plan is missing", where=self._book.response.id, advice="start a new response")
        return plan

    def _show(self, text: str) -> None:
        if not self._manners.quiet:
            show(text)


def _cut(told: list[str]) -> tuple[str, ...]:
    more = len(told) - _MOST_TOLD
    return (*told[:_MOST_TOLD], *((f"and {more} more: see the plan",) if more > 0 else ()))
