"""What `codered approve` does: shows decisions, stores votes, and sees to it that what was allowed goes on."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import CodeRedError, ExitCode, WrongUse
from codered_hq.cli.approved import go_on
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.speaking import find_speaker
from codered_hq.cli.tables import count, draw_table, show_time
from codered_hq.gate import showing
from codered_hq.gate.expiring import expire
from codered_hq.gate.glass import break_glass
from codered_hq.gate.models import Decision
from codered_hq.gate.settling import name_decision, read_request
from codered_hq.gate.voting import vote
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import find_account, find_person
from codered_hq.model.action import Subject

FORMAT = "codered/approvals/1"
MOST_NAMED = 3  # machines of a decision in a table
MOST_MACHINES = 100_000  # of one decision that is explained
_UID = re.compile(r"[0-9a-f]{6,32}")


def list_waiting(given: dict[str, Any]) -> int:
    """Print what waits."""
    enter_headquarters()
    now = datetime.now(UTC)
    expire(now)
    me = _find_me(given["as_name"])
    rows = [
        (decision, me is not None and showing.may_vote(me, decision, now)) for decision in showing.list_waiting(now)
    ]
    rows.sort(key=lambda row: not row[1])
    views = [showing.view_decision(decision, now, MOST_NAMED) for decision, _ in rows]
    if given["as_json"]:
        mine = [decision.uid for decision, is_mine in rows if is_mine]
        show(msgspec.json.encode({"format": FORMAT, "decisions": views, "for_me": mine}).decode() + "\n")
    elif not rows:
        show("nothing waits for approval\n")
    else:
        titles = ("id", "for you", "what", "machines", "asked by", "why", "missing", "minutes left")
        show(draw_table(titles, [_make_row(view, mine) for view, (_, mine) in zip(views, rows, strict=True)]))
        say("codered: codered approve why ID   ·   codered approve yes ID   ·   codered approve no ID --why TEXT")
    return ExitCode.CLEAN


def explain(text: str, as_json: bool) -> int:
    """Print all of one decision."""
    enter_headquarters()
    now = datetime.now(UTC)
    expire(now)
    decision = find_decision(text)
    view = showing.view_decision(decision, now, MOST_MACHINES)
    if as_json:
        document = {**msgspec.to_builtins(view), "request": decision.request, "order": decision.order}
        show(msgspec.json.encode({"format": "codered/decision/1", **document}).decode() + "\n")
    else:
        show(_draw_decision(view, decision))
    return ExitCode.CLEAN


def answer(uids: Sequence[str], given: dict[str, Any], *, yes: bool) -> int:
    """Store one person's answer to each, and go on with what is allowed by it; the worst exit code of all."""
    entered = enter_headquarters()
    decisions = [find_decision(text) for text in dict.fromkeys(uids)]
    speaker = find_speaker(given)
    codes = []
    for decision in decisions:
        now = datetime.now(UTC)
        try:
            vote(decision, speaker, yes, given["why"], now)
        except CodeRedError as error:
            if len(decisions) == 1:
                raise
            say(f"codered: {printable(str(error))}")
            codes.append(int(error.exit_code))
        else:
            codes.append(int(go_on(decision, entered, now) if yes else _tell_no(decision)))
    return _finish(decisions, codes, as_json=given["as_json"])


def break_it(text: str, given: dict[str, Any]) -> int:
    """Break the glass for one decision, and go on with it."""
    entered = enter_headquarters()
    decision, now = find_decision(text), datetime.now(UTC)
    break_glass(decision, find_speaker(given), given["reason"], now)
    say(f"codered: the glass is broken for {_name(decision)}; everybody is told, and it will be reviewed")
    code = go_on(decision, entered, now)
    return _finish([decision], [int(code)], as_json=given["as_json"])


def find_decision(text: str) -> Decision:
    """The decision whose number begins so. Raises WrongUse if there is none or several."""
    given = text.strip().lower()
    advice = "codered approve list shows what waits"
    if not _UID.fullmatch(given):
        raise WrongUse("is no ID of a decision", where=text[:40], advice=advice)
    found = list(Decision.objects.filter(uid__startswith=given)[:2])
    if len(found) != 1:
        raise WrongUse("several begin so" if found else "no such decision", where=text[:40], advice=advice)
    return found[0]


def _find_me(name: str) -> Person | None:
    """Whose list it is: nothing is proved by that, and nothing changed."""
    return find_person(name) if name else Person.objects.filter(account=find_account(), active=True).first()


def _tell_no(decision: Decision) -> ExitCode:
    say(f"codered: {_name(decision)} is {decision.state}: it is not done")
    return ExitCode.CLEAN


def _finish(decisions: Sequence[Decision], codes: Sequence[int], *, as_json: bool) -> int:
    if as_json:
        now = datetime.now(UTC)
        for decision in decisions:
            decision.refresh_from_db()
        views = [showing.view_decision(decision, now) for decision in decisions]
        show(msgspec.json.encode({"format": FORMAT, "decisions": views}).decode() + "\n")
    return max(codes, default=0)


def _name(decision: Decision) -> str:
    return printable(f"{decision.uid[:8]}: {name_decision(decision)}")


def _make_row(view: showing.DecisionView, mine: bool) -> tuple[str, ...]:
    machines = ", ".join(view.machines)
    if view.machine_count > len(view.machines):
        machines += f" and {view.machine_count - len(view.machines):,} more"
    return (
        view.uid[:8], "yes" if mine else "-", f"{'DRILL ' if view.drill else ''}{view.name}",
        machines, view.requested_by, view.reason or "-", " and ".join(view.missing), f"{view.seconds_left // 60}",
    )  # fmt: skip


def _draw_decision(view: showing.DecisionView, decision: Decision) -> str:
    lines = [
        f"decision {view.uid}: {view.name}{' (DRILL)' if view.drill else ''}",
        f"state: {view.state}{f', {view.seconds_left // 60} minutes left' if view.seconds_left else ''}",
        f"asked by {view.requested_by} at {show_time(view.at)} UTC: {view.reason or '-'}",
        f"incident: {view.incident or '-'}",
        f"answer: {view.answer} by rule {view.rule} of version {view.rules_version} ({view.rules_digest[:16]})",
        f"        {view.why}",
        f"needs: {' and '.join(view.needs) or 'nobody'}{f'; missing: {_join(view.missing)}' if view.missing else ''}",
        f"taken back after: {f'{view.undo_after:,} seconds' if view.undo_after else 'never by itself'}",
        f"target set: {view.target_set}",
    ]
    lines += [f"the glass was broken by {view.broke_glass}"] if view.broke_glass else []
    lines += [_draw_vote(each) for each in view.votes]
    lines += view.too_young
    text = "".join(f"{printable(line)}\n" for line in lines)
    rows = [
        (
            f"#{each.host}" if each.host else "-", each.name, each.state, each.criticality,
            _tell_evidence(each), " ".join(each.tags) or "-",
        )
        for each in read_request(decision).subjects
    ]  # fmt: skip
    table = draw_table(("#", "machine", "state", "criticality", "evidence saved", "marks"), rows)
    return f"{text}{count(len(rows), 'machine')}:\n{table}"


def _tell_evidence(machine: Subject) -> str:
    return ("yes, NOT checked" if machine.evidence_unchecked else "yes") if machine.evidence_saved else "no"


def _draw_vote(given: showing.VoteView) -> str:
    signed = ", signed" if given.signed else ""
    word = "yes" if given.yes else "NO"
    return f"{word} of {given.person} at {show_time(given.at)} UTC{signed}{f': {given.why}' if given.why else ''}"


def _join(roles: Sequence[str]) -> str:
    return " and ".join(roles)
