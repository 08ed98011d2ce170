"""Carries out the plan of a response: the very one that was agreed to, whatever lies in its file by now."""

from codered import respond
from codered.cli import changes
from codered.cli.options import ChangeOptions
from codered.cli.output import say
from codered.export.writing.words import count_of
from codered.model.errors import ExitCode, Refused
from codered.model.plan import Plan, digest_plan
from codered.respond.workflow import StepResult
from codered.targets import reopen_target


def apply_agreed(plan: Plan) -> StepResult:
    """Carry this plan out, or finish what an earlier run began. Raises Refused, RolledBack, NotRolledBack, WrongUse."""
    path = respond.plan_file(plan.id)
    # Rolling back and watching read the file later on: it must be of this plan, too.
    saved = respond.read_plan(path)
    if {saved.digest, digest_plan(saved)} != {plan.digest}:
        what = "is not the plan that was agreed to; nothing was changed by this run"
        raise Refused(what, where=str(path), advice="find out who changed it, then start a new response")
    asked = ChangeOptions(str(path), dry_run=False, yes=True, as_json=False)
    try:
        outcome = respond.apply(plan, reopen_target(plan.target), changes.tell_step(quiet=False))
    except KeyboardInterrupt:
        say(f"codered: stopped; what is done is journaled. To undo it: codered rollback {plan.id} --yes")
        if respond.list_frozen(plan):
            say("codered: processes that are frozen stay frozen until then")
        raise
    code = changes.report_outcome(asked, plan, outcome)
    told = [f"{count_of(len(outcome.done), 'change')} carried out{' by an earlier run' if outcome.already else ''}"]
    if outcome.held:
        told.append("Something is still frozen and would be started again")
    return StepResult("done", code, tuple(told))


def put_off(plan: Plan) -> StepResult:
    """What is said of a plan that somebody agreed to earlier, in a run that is to change nothing. Raises WrongUse."""
    told = ["Agreed to earlier; nothing was changed by this run"]
    if respond.was_applied(plan):
        told.append(f"An earlier run began it, and that is still in place: codered rollback {plan.id} undoes it")
    return StepResult("staged", ExitCode.FOUND, tuple(told), ends=True)
