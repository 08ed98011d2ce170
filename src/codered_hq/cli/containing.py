"""`codered contain host|port|vlan|subnet|block`: what is cut off in the network, after the gate."""

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

import rich_click as click

from codered.cli.lengths import parse_length
from codered.cli.output import say
from codered.export.writing.escaping import printable
from codered.model.errors import CodeRedError, Refused, RolledBack, WrongUse
from codered_hq.cli.contain_results import (
    Result,
    exit_code_of,
    show_results,
    view_decision,
    view_drilled,
    view_held,
    view_outcome,
)
from codered_hq.cli.contain_waiting import say_alive, tell_work
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.fleet_choosing import find_meant
from codered_hq.cli.speaking import find_speaker
from codered_hq.cli.tables import count, draw_table
from codered_hq.containment.acting import SHORTEST, carry_out_all
from codered_hq.containment.aiming import Aim, Surroundings, aim
from codered_hq.containment.asking import Asked, ask_aimed, find_held, preview
from codered_hq.containment.goals import Goal, Wish, check_vlan, name_target, read_networks
from codered_hq.containment.models import Containment
from codered_hq.containment.rows import describe_order
from codered_hq.containment.settling import hear, settle_only
from codered_hq.containment.turns import take_turn
from codered_hq.incidents.current import find_incident_if_any, is_beside
from codered_hq.model.action import Verdict
from codered_hq.opening import Headquarters

MOST_MACHINES = 4
MOST_DIGITS = 5


class Wanted(NamedTuple):
    """A goal, what it comes to, and what the rules would say."""

    goal: Goal
    aim: Aim
    verdict: Verdict


def contain_hosts(names: tuple[str, ...], given: dict[str, Any]) -> int:
    """Hosts, each for itself."""
    entered = enter_headquarters()
    if given["infected"]:
        if given["state"]:
            raise WrongUse("say --infected or --state", where="--infected")
        given["state"] = "infected"
    meant = find_meant(names, given)
    goals = [Goal(do="host", host=host.pk, quarantine=given["quarantine"]) for host in meant.hosts]
    return contain(entered, goals, given)


def contain_port(switch: str, port: str, given: dict[str, Any]) -> int:
    """One port."""
    entered = enter_headquarters()
    device = Surroundings(entered.config).demand_switch(switch)
    return contain(entered, [Goal(do="port", switch=device.name, port=port, quarantine=given["quarantine"])], given)


def contain_vlan(names: tuple[str, ...], given: dict[str, Any]) -> int:
    """[SWITCH] VLAN: on one switch, or on all."""
    if not 1 <= len(names) <= 2 or (len(names) == 2 and given["switch"]):
        raise WrongUse("name a switch and a VLAN", advice="codered contain vlan SWITCH VLAN, or VLAN --all")
    if not (names[-1].isascii() and names[-1].isdecimal() and len(names[-1]) <= MOST_DIGITS):
        raise WrongUse("is no VLAN", where=ascii(names[-1][:40]), advice="codered contain vlan SWITCH VLAN")
    vlan = int(names[-1])
    given["switch"] = names[0] if len(names) == 2 else given["switch"]
    if bool(given["switch"]) == given["everywhere"]:
        raise WrongUse(
            "on which switch?", where=f"VLAN {vlan}", advice="say codered contain vlan SWITCH VLAN, or --all"
        )
    entered = enter_headquarters()
    switch = Surroundings(entered.config).demand_switch(given["switch"]).name if given["switch"] else ""
    return contain(entered, [Goal(do="vlan", vlan=check_vlan(vlan), switch=switch)], given)


def contain_networks(do: Literal["subnet", "block"], networks: tuple[str, ...], given: dict[str, Any]) -> int:
    """Addresses or subnets on routers, each for itself."""
    if not networks:
        raise WrongUse("no address is named", advice="codered contain block ADDRESS")
    read = read_networks(networks)
    return contain(enter_headquarters(), [Goal(do=do, networks=(each,)) for each in read], given)


def contain(entered: Headquarters, goals: Sequence[Goal], given: dict[str, Any]) -> int:
    """What all of them do: look, show, ask the person, ask the gate, act, tell."""
    at = datetime.now(UTC)
    if not given["dry_run"]:
        given["reason"] = demand_reason(given["reason"])
    wish, speaker = read_wish(given), find_speaker(given)
    if not given["dry_run"]:
        tell(hear(entered.folder))
    around = Surroundings(entered.config)
    with say_alive() as alive:
        settled = None if given["dry_run"] else entered
        results, wanted = _Looking(wish, speaker.name, around, settled, at).look(goals, alive)
    if wanted and (given["dry_run"] or not given["yes"]):
        _show_wanted(wanted)
    if given["dry_run"]:
        results += [Result.of_verdict(each.aim, each.verdict) for each in wanted]
        return show_results(results, as_json=given["as_json"], dry=True)
    if wanted:
        confirm(f"Cut off {count(len(wanted), 'target')}?", yes=given["yes"])
        at = datetime.now(UTC)  # who was asked took his time: --for begins now
        if not given["yes"]:
            around = Surroundings(entered.config)
            _demand_unchanged(wanted, around)
    with say_alive() as alive:
        alive("waiting for others of this headquarters")
        with take_turn(entered.folder):
            asked: list[Asked] = []
            for each in wanted:
                alive(f"{len(asked)} of {len(wanted)} asked for")
                asked.append(ask_aimed(each.goal, each.aim, wish, speaker, at))
            refused = [each for each in asked if each.decision.state != "allowed"]
            results += [view_decision(each.decision, each.aim) for each in refused]
            allowed = [each for each in asked if each.decision.state == "allowed"]
            alive(tell_work([order for each in allowed for order in each.aim.orders]))
            outcomes = carry_out_all([each.decision for each in allowed], around, entered.folder, at)
        results += [view_outcome(each, at) for each in outcomes]
    show_results(results, as_json=given["as_json"])
    return exit_code_of(results)


def _demand_unchanged(wanted: Sequence[Wanted], around: Surroundings) -> None:
    """Machines move while a person reads. Raises Refused if what was agreed to is not what would be done now."""
    for each in wanted:
        now = aim(each.goal, around)
        if (now.orders, now.subjects, now.guard) != (each.aim.orders, each.aim.subjects, each.aim.guard):
            what = "what would be cut off has changed while you were asked; nothing was done"
            raise Refused(what, where=each.aim.target, advice="look at it again: say the same words")


class _Looking(NamedTuple):
    """What is looked at for each goal; `entered` None = nothing is settled (a dry run)."""

    wish: Wish
    who: str
    around: Surroundings
    entered: Headquarters | None
    at: datetime

    def look(self, goals: Sequence[Goal], alive: Callable[[str], None]) -> tuple[list[Result], list[Wanted]]:
        """What is so already or can't be done, and what is wanted."""
        results: list[Result] = []
        wanted: list[Wanted] = []
        for number, goal in enumerate(goals):
            alive(f"{number} of {len(goals)} looked at")
            if held := self._find_held(goal):
                results.append(view_drilled(held) if self.wish.drill else view_held(held, self.at))
                continue
            try:
                found = aim(goal, self.around)
            except CodeRedError as error:
                if len(goals) == 1 and isinstance(error, WrongUse):
                    raise
                state = "failed" if isinstance(error, RolledBack) else "refused"
                results.append(Result(target=name_target(goal), state=state, why=str(error)))
                continue
            wanted.append(Wanted(goal, found, preview(found, self.wish, self.who, self.at)))
        return results, wanted

    def _find_held(self, goal: Goal) -> list[Containment]:
        """What does it already, as it is now; what would end sooner than is wished may be extended."""
        longer = self.wish.seconds and not self.wish.drill
        until = self.at + timedelta(seconds=self.wish.seconds) if longer else None
        held = find_held(goal)
        if not held or self.entered is None:
            return find_held(goal, until)
        lines = settle_only(held, self.entered.config, self.entered.folder, self.at)
        tell(lines)
        return find_held(goal, until)


def read_wish(given: dict[str, Any]) -> Wish:
    """What was said along with it. Raises WrongUse."""
    seconds = _read_seconds(given["length"])
    incident = find_incident_if_any(given["incident"])
    if incident is not None and incident.closed_at is not None:
        raise WrongUse("is closed", where=incident.name, advice="name one that is open: --incident")
    name, drill = (incident.name, is_beside(incident)) if incident else ("", False)
    return Wish(seconds=seconds, reason=given["reason"], incident=name, drill=drill)


def _read_seconds(text: str) -> int:
    """How long it is to hold; 0 = as the rules say. Raises WrongUse."""
    if not text:
        return 0
    seconds = round(parse_length(text, "--for"))
    if seconds < SHORTEST:
        advice = "leave it out for as long as the rules say"
        raise WrongUse(f"is too short: at least {SHORTEST}s", where=f"--for {text}", advice=advice)
    return seconds


def demand_reason(reason: str) -> str:
    """The reason, asked for where somebody is there. Raises WrongUse."""
    if not reason.strip() and sys.stdin.isatty() and sys.stderr.isatty():
        reason = str(click.prompt("Why? (for people and the ledger)", err=True))
    if not reason.strip():
        raise WrongUse("why?", where="--reason", advice="say it in a sentence: it is for people and the ledger")
    return reason


def tell(lines: Iterable[str]) -> None:
    """What was settled."""
    for line in lines:
        say(f"codered: {printable(line)}")


def confirm(question: str, *, yes: bool) -> None:
    """Raises WrongUse where nobody can be asked, Refused when the answer is no."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUse("nobody is there to ask", where="--yes", advice="look at it with --dry-run, then say --yes")
    if not click.confirm(question, err=True):
        raise Refused("not confirmed; nothing was changed")


def _show_wanted(wanted: Sequence[Wanted]) -> None:
    rows = []
    for each in wanted:
        what = "; ".join(describe_order(order) for order in each.aim.orders)
        names = [subject.name for subject in each.aim.subjects]
        machines = ", ".join(names[:MOST_MACHINES]) + (f" and {len(names) - MOST_MACHINES} more"
                                                       if len(names) > MOST_MACHINES else "")  # fmt: skip
        verdict = each.verdict
        needs = f" {' and '.join(verdict.needs)}" if verdict.needs else ""
        rows.append((each.aim.target, what, machines or "nobody known", verdict.answer + needs, verdict.rule))
    for line in draw_table(("target", "what", "machines", "rules say", "rule"), rows).splitlines():
        say(line)
    for each in wanted:
        for note in each.aim.notes:
            say(f"codered: {printable(each.aim.target)}: {printable(note)}")
