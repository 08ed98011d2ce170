"""`codered contain release`."""

from datetime import UTC, datetime
from typing import Any

from codered.cli.output import say
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.contain_results import Result, exit_code_of, show_results, view_decision, view_outcome
from codered_hq.cli.contain_waiting import say_alive, tell_work
from codered_hq.cli.containing import confirm, read_wish, tell
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.speaking import find_speaker
from codered_hq.cli.tables import count
from codered_hq.containment.acting import carry_out_all
from codered_hq.containment.aiming import Surroundings
from codered_hq.containment.asking import ask_release
from codered_hq.containment.choosing import find_rows
from codered_hq.containment.goals import Wish
from codered_hq.containment.models import Containment
from codered_hq.containment.rows import describe, read_order_of
from codered_hq.containment.settling import hear, settle_only
from codered_hq.containment.turns import take_turn


def release(names: tuple[str, ...], given: dict[str, Any]) -> int:
    """Ask the gate for each decision whose containments are meant, and take them back."""
    if bool(names) == given["everything"]:
        raise WrongUse("what is to be released?", advice="name a containment or a host, or say --all")
    entered = enter_headquarters()
    at = datetime.now(UTC)
    speaker, named = find_speaker(given), read_wish(given) if given["incident"] else None
    if not given["dry_run"]:
        tell(hear(entered.folder))
        begun = [row for group in find_rows(names) for row in group if row.state == "begun"]
        tell(settle_only(begun, entered.config, entered.folder, at))
    groups = find_rows(names)
    if not groups:
        say("codered: nothing is contained")
        return ExitCode.CLEAN
    rows = [row for group in groups for row in group]
    if given["dry_run"] or not given["yes"]:
        for row in rows:
            say(f"codered: {row.uid[:8]} {printable(describe(row))}")
    if given["dry_run"]:
        results = [Result(target=describe(row), state="allowed", kind="release") for row in rows]
        return show_results(results, as_json=given["as_json"], dry=True)
    confirm(f"Take back {count(len(rows), 'containment')}?", yes=given["yes"])
    with say_alive() as alive, take_turn(entered.folder):
        alive(tell_work([read_order_of(row) for row in rows]))
        asked = [ask_release(group, named or _make_wish(group, given), speaker, at) for group in groups]
        results = [view_decision(each) for each in asked if each.state != "allowed"]
        allowed = [each for each in asked if each.state == "allowed"]
        outcomes = carry_out_all(allowed, Surroundings(entered.config), entered.folder, at)
        results += [view_outcome(each, at) for each in outcomes]
    show_results(results, as_json=given["as_json"])
    return exit_code_of(results)


def _make_wish(group: list[Containment], given: dict[str, Any]) -> Wish:
    """Without --incident, it is the one that they were contained for."""
    decision = group[0].decision
    return Wish(reason=given["reason"], incident=decision.incident, drill=decision.drill)
