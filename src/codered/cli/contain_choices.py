"""The work of `codered contain off` and `confirm`: which containments are meant, and what is done to them."""

import msgspec

from codered.cli import changes
from codered.cli.contain_orders import Wish
from codered.cli.contain_status import encode, find_unknown
from codered.cli.contain_units import take_unit_away
from codered.cli.options import ChangeOptions
from codered.cli.output import say, show
from codered.model.errors import CodeRedError, ExitCode, NotRolledBack, Refused, WrongUse
from codered.model.firewall import FirewallOrder
from codered.respond import containing, unknown_tables
from codered.respond.frozen_alone import list_frozen_alone
from codered.respond.trust import check_allowed
from codered.targets import open_target


def refuse_twice(wish: Wish) -> None:
    """Refuse what stands already: two of a kind stop no more than one, and must both be undone. Raises Refused."""
    wanted = _strip(wish.order)
    for name in containing.list_in_force():
        if containing.is_damaged(name):
            continue
        record = containing.read_record(name)
        if (record.kind, _strip(record.order)) != (wish.kind, wanted):
            continue
        try:
            state, _ = containing.look(record)
        except Refused:  # in another network namespace
            continue
        if state in ("armed", "holding"):
            stay = f"`codered contain confirm {name}` has it stay, " if state == "armed" else ""
            advice = f"{stay}`codered contain off {name}` undoes it"
            raise Refused("this is contained already", where=name, advice=advice)


def _strip(order: FirewallOrder) -> FirewallOrder:
    """What it stops, without whose sessions stay and how long it lasts."""
    return msgspec.structs.replace(order, sessions=(), confirm_within=0.0)


def switch_off(asked: ChangeOptions, *, every: bool = False) -> int:
    """`codered contain off`. Raises WrongUse, Refused, NotRolledBack."""
    if not asked.dry_run:
        check_allowed("contain")
    in_force, (unknown, unseen) = containing.list_in_force(), find_unknown()
    if every and not asked.plan:
        return _switch_all_off(asked, (*in_force, *unknown), unseen)
    if asked.plan in unknown or (not asked.plan and unknown and not in_force):
        return _take_unknown_down(asked, asked.plan or _choose_only(unknown))
    if not asked.plan and not in_force:
        alone = list_frozen_alone()
        for plan in alone:
            say(f"codered: processes are frozen, without a firewall: `codered rollback {plan}` lets them go on")
        if unseen or not alone:
            say(unseen or "codered: nothing is contained")
        return ExitCode.INCOMPLETE if unseen else ExitCode.CLEAN
    name = asked.plan or _choose_only(in_force)
    record = containing.read_sound(name)
    if asked.dry_run:
        say(f"codered: dry run: {name} would be undone" if name in in_force else f"codered: {name} is off already")
        return ExitCode.CLEAN
    if name in in_force:
        what = f" ({record.kind})" if record is not None else ", of which the record is damaged"
        changes.ask(asked, f"Undo {name}{what}? What is held back gets out again.")
    target = open_target()
    try:
        outcome = containing.lift(name, target, changes.tell_step(asked.as_json))
    finally:
        if (record is None or record.survives_reboot) and name not in containing.list_in_force():
            take_unit_away(name, target)
    if asked.as_json and record is not None:
        show(encode(containing.describe(name)))
    say(f"codered: {name} is off" if outcome is not None else f"codered: {name} was off already")
    if record is None:
        say("codered: its record was damaged: processes that --auto froze may be held still: `codered rollback PLAN`")
    return ExitCode.CLEAN


def _switch_all_off(asked: ChangeOptions, names: tuple[str, ...], unseen: str) -> int:
    """Each for itself, so that one that can't be undone leaves none of the others. Raises NotRolledBack, Refused."""
    if not names:
        return switch_off(asked)
    if not asked.dry_run:
        changes.ask(asked, f"Undo all {len(names)}? What is held back gets out again.")
    left = []
    for name in names:
        try:
            switch_off(asked._replace(plan=name, yes=True))
        except CodeRedError as error:
            say(f"codered: {error}")
            left.append(name)
    if left:
        raise NotRolledBack("not all is undone", where=", ".join(left), advice="see `codered contain status`")
    if unseen:
        say(unseen)
    return ExitCode.INCOMPLETE if unseen else ExitCode.CLEAN


def _take_unknown_down(asked: ChangeOptions, name: str) -> int:
    if asked.dry_run:
        say(f"codered: dry run: {name} would be taken away")
        return ExitCode.CLEAN
    changes.ask(asked, f"Take the tables {name} away, which no record tells of? What is held back gets out again.")
    unknown_tables.take_unknown_down(name)
    say(f"codered: {name} is off")
    return ExitCode.CLEAN


def confirm(name: str, *, every: bool = False) -> int:
    """`codered contain confirm`. Raises WrongUse, Refused."""
    check_allowed("contain")
    names = containing.list_in_force()
    for each in names if every and names and not name else (name or _choose_only(names),):
        record = containing.confirm(each)
        until = f" until {record.undo_at:%Y-%m-%d %H:%M:%S} UTC" if record.undo_at else ""
        say(f"codered: {record.plan} stays{until}; to undo it: codered contain off {record.plan}")
    return ExitCode.CLEAN


def _choose_only(names: tuple[str, ...]) -> str:
    """Raises WrongUse unless there is exactly one."""
    if len(names) == 1:
        return names[0]
    what = "there are several containments" if names else "nothing is contained"
    advice = "name one, or --all" if names else "see `codered contain on`"
    raise WrongUse(what, where=", ".join(names), advice=advice)
