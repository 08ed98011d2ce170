"""The work of `codered contain`: on, keep."""

import os
import sys
from datetime import UTC, datetime

import msgspec
import rich_click as click

from codered import __version__, respond
from codered.cli import changes
from codered.cli.contain_choices import refuse_twice
from codered.cli.contain_options import OnOptions
from codered.cli.contain_orders import Wish, read_networks, read_wish
from codered.cli.contain_status import encode
from codered.cli.contain_units import check_survives, leave_unit, take_unit_away
from codered.cli.contain_views import render_containment, render_status
from codered.cli.lengths import parse_length
from codered.cli.options import ChangeOptions
from codered.cli.output import say, show
from codered.model.containment import ContainmentRecord
from codered.model.errors import CodeRedError, ExitCode, Refused, WrongUse
from codered.model.firewall import Session
from codered.model.plan import Plan
from codered.remediate.firewall.nft import explain_unsupported
from codered.remediate.firewall.sessions import find_own_sessions, is_at_console
from codered.remediate.keeping.keeper import run_keeper
from codered.remediate.plan_containment import make_containment_plan
from codered.respond import containing
from codered.respond.keeping import check_room
from codered.respond.trust import check_allowed
from codered.targets import open_target

_LONGEST_UNDO = 30 * 86400
USUAL_CONFIRM = 60.0  # seconds that somebody over the network has to say that he still is there


def switch_on(asked: OnOptions) -> int:
    """`codered contain on`. Raises WrongUse, Refused, RolledBack, NotRolledBack."""
    missing = explain_unsupported()
    if missing is not None:
        raise Refused("this host can't be contained from here", advice=missing.reason)
    if asked.cut_my_session and not asked.yes:
        raise WrongUse("needs --yes", where="--cut-my-session", advice="say both, or leave it away")
    sessions = _find_sessions(asked)
    wish = read_wish(asked, sessions)
    times = _read_times(asked, wish, is_remote=bool(sessions) or "SSH_CONNECTION" in os.environ)
    wish = wish._replace(order=msgspec.structs.replace(wish.order, confirm_within=times.first_end()))
    if asked.survive_reboot:
        check_survives(wish, open_target())
    if not asked.dry_run:
        check_allowed("contain")
        if not asked.freeze:
            refuse_twice(wish)
        check_room(respond.state_folder())
    plan = _make_plan(asked, wish)
    record = containing.make_record(plan, times, survives_reboot=asked.survive_reboot)
    if asked.as_json and asked.dry_run:
        show(encode(plan))
    elif not asked.as_json:
        show(render_containment(plan, record))
    if asked.dry_run:
        respond.check(plan, open_target())
        say("codered: dry run: nothing was changed")
        return ExitCode.CLEAN
    changes.ask(ChangeOptions(plan.id, dry_run=False, yes=asked.yes, as_json=asked.as_json), "Do it?")
    # The time for a confirmation begins when it stands, not while somebody reads.
    return _carry_out(asked, plan, containing.make_record(plan, times, survives_reboot=asked.survive_reboot))


def _find_sessions(asked: OnOptions) -> tuple[Session, ...]:
    """Your own connections. Raises Refused if isolating would cut you off and you did not say that it may."""
    try:
        return find_own_sessions(read_networks(asked.allow))
    except Refused as error:
        if not _isolates(asked) or (asked.cut_my_session and asked.yes):
            return ()
        advice = f"{error.advice}, or --yes --cut-my-session"
        raise Refused(error.what, where=error.where, advice=advice) from None


def _isolates(asked: OnOptions) -> bool:
    return not (asked.block or asked.packs or asked.throttle)


def _read_times(asked: OnOptions, wish: Wish, *, is_remote: bool) -> containing.Times:
    undo_after = parse_length(asked.undo_after, "--undo-after") if asked.undo_after else 0.0
    if asked.undo_after and not undo_after:
        raise WrongUse(
            "is no time",
            where=f"--undo-after {asked.undo_after}",
            advice="without it, it stays",
        )
    if undo_after > _LONGEST_UNDO:  # a shorter time to confirm in would hide it from the check of the order
        raise WrongUse("is too long", where=f"--undo-after {asked.undo_after}", advice="at most 30d")
    if asked.confirm_within is not None:
        return containing.Times(
            confirm_within=parse_length(asked.confirm_within, "--confirm-within"), undo_after=undo_after
        )
    if wish.kind == "isolate_host" and (is_remote or not is_at_console()):
        where = "you are here over the network" if is_remote else "you may be here over the network"
        say(f"codered: {where}: it opens after {USUAL_CONFIRM:.0f} s unless you confirm it (see --confirm-within)")
        return containing.Times(confirm_within=USUAL_CONFIRM, undo_after=undo_after)
    return containing.Times(undo_after=undo_after)


def _make_plan(asked: OnOptions, wish: Wish) -> Plan:
    return make_containment_plan(
        open_target().info, wish.kind, wish.order, wish.because, processes=asked.freeze, tool=__version__
    )


def _carry_out(asked: OnOptions, plan: Plan, record: ContainmentRecord) -> int:
    target = open_target()
    begun = containing.begin(plan, record, target, changes.tell_step(asked.as_json))
    if begun.unkept:
        say(f"codered: nobody keeps it: {begun.unkept}; a flush of the firewall would open it")
    if asked.survive_reboot:
        leave_unit(plan.id, target)
    if record.opens is not None and not asked.yes and sys.stdin.isatty():
        _ask_to_keep(plan.id)
    status = containing.describe(plan.id)
    show(encode(status) if asked.as_json else render_status(status, datetime.now(UTC)))
    if status.state == "armed":
        say(f"codered: to have it stay: codered contain confirm {plan.id}")
    say(f"codered: to undo it: codered contain off {plan.id}")
    return ExitCode.INCOMPLETE if begun.unkept else ExitCode.CLEAN


def _ask_to_keep(name: str) -> None:
    """Whoever can still answer is not cut off."""
    try:
        if click.confirm("It stands. If you can read this, shall it stay?", err=True):
            containing.confirm(name)
    except (click.Abort, CodeRedError) as error:
        say(f"codered: not confirmed: {error}" if isinstance(error, CodeRedError) else "codered: not confirmed")


def keep(name: str) -> int:
    """What the unit of a containment runs: keep it; one that was undone meanwhile leaves no unit. Raises WrongUse."""
    record = containing.read_record(name)
    if name not in containing.list_in_force():
        if record.survives_reboot:
            take_unit_away(name, open_target())
        return ExitCode.CLEAN
    return run_keeper(respond.state_folder(), name)
