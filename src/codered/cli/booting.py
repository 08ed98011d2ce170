"""What `apply --at-boot` and its unit do between the command line and `respond`."""

from codered import respond
from codered.cli import changes
from codered.cli.options import ChangeOptions
from codered.cli.output import say, show
from codered.model.errors import ExitCode
from codered.respond.trust import check_allowed
from codered.targets import reopen_target


def leave(asked: ChangeOptions) -> int:
    """`codered apply PLAN --at-boot`: the unit is shown, then written."""
    plan = changes.find_plan(asked.plan)
    target = reopen_target(plan.target)
    unit = respond.show_unit(plan, target)
    if not asked.as_json:
        show(unit.text.decode())
    if asked.dry_run:
        say(f"codered: dry run: this would be written as /etc/systemd/system/{unit.name}; nothing was changed")
        return ExitCode.CLEAN
    check_allowed("apply", plan, asked.job)
    changes.ask(asked, f"Have the rest of plan {plan.id} done when this host starts, before its network is up?")
    unit = respond.leave_to_boot(plan, target)
    say(f"codered: written: /etc/systemd/system/{unit.name}; it removes itself when it has run")
    say(f"codered: next: restart this host   ·   to take it back: codered rollback {asked.plan}")
    return ExitCode.CLEAN


def finish(asked: ChangeOptions) -> int:
    """`codered apply PLAN --finish-at-boot`, which only the unit says."""
    plan = changes.find_plan(asked.plan)
    target = reopen_target(plan.target)
    check_allowed("apply", plan, asked.job)
    outcome = respond.finish(plan, target, changes.tell_step(asked.as_json))
    return changes.report_outcome(asked, plan, outcome)
