"""What came of words of `codered contain`: for people, for programs, and as an exit code."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, RolledBack, WrongUse
from codered_hq.cli.tables import draw_table, show_time
from codered_hq.containment.acting import Outcome
from codered_hq.containment.aiming import Aim
from codered_hq.containment.models import Containment
from codered_hq.containment.rows import describe_order
from codered_hq.containment.views import ContainmentView, view
from codered_hq.gate.models import Decision
from codered_hq.model.action import Verdict

FORMAT = "codered/contain/1"
DONE = ("contained", "already", "released")
_DRY = {"yes": "allowed", "needs": "awaiting", "no": "refused"}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One target: contained, released, already, awaiting, refused, failed (nothing is in place), stuck (something may
    be), allowed (--dry-run: it would be).
    """

    target: str
    state: str
    kind: str = ""
    host: str = ""
    decision: str = ""
    rule: str = ""
    why: str = ""
    needs: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    containments: tuple[ContainmentView, ...] = ()

    @classmethod
    def of_verdict(cls, found: Aim, verdict: Verdict) -> "Result":
        """What would be done, and what the rules would say."""
        return cls(
            target=found.target, host=found.host.label if found.host else "", kind=found.kind,
            state=_DRY[verdict.answer], rule=verdict.rule, why=verdict.why,
            needs=verdict.needs, orders=tuple(map(describe_order, found.orders)),
        )  # fmt: skip


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """`--json` of the words that cut off or release."""

    results: tuple[Result, ...]
    format: str = FORMAT
    dry_run: bool = False


def view_held(held: Sequence[Containment], at: datetime) -> Result:
    """It is so already."""
    rows = tuple(view(row, at) for row in held)
    one = held[0]
    return Result(
        target=one.decision.target, host=rows[0].host, kind=one.kind, state="already",
        decision=one.decision.uid, rule=one.decision.rule,
        why=f"contained already: {rows[0].what}, containment {one.uid[:8]}", containments=rows,
    )  # fmt: skip


def view_drilled(held: Sequence[Containment]) -> Result:
    """It is so, and not by this drill: that does nothing, and must not read as done."""
    one = held[0]
    return Result(
        target=one.decision.target, host=one.host.label if one.host else "", kind=one.kind, state="refused",
        rule="guard", why=f"this is a drill: nothing is contained for it (containment {one.uid[:8]} is another's)",
    )  # fmt: skip


def view_decision(decision: Decision, found: Aim | None = None) -> Result:
    """What was not allowed, or not yet; `found` is what it comes to."""
    state = decision.state if decision.state == "awaiting" else "refused"
    return Result(
        target=decision.target, kind=decision.kind, state=state, decision=decision.uid, rule=decision.rule,
        why=decision.why, needs=tuple(decision.needs), host=found.host.label if found and found.host else "",
        orders=tuple(map(describe_order, found.orders)) if found else (),
    )  # fmt: skip


def view_outcome(outcome: Outcome, at: datetime) -> Result:
    """What was carried out, or failed."""
    decision, rows = outcome.decision, outcome.rows
    if outcome.error is not None:
        known = view_decision(decision)
        state = "failed" if isinstance(outcome.error, RolledBack) else known.state
        return msgspec.structs.replace(known, state=state, why=str(outcome.error))
    states = {row.state for row in rows}
    good, done = ("undone", "released") if outcome.releases else ("holding", "contained")
    state = "stuck" if "stuck" in states else "failed" if states - {good} else done
    return Result(
        target=decision.target, kind=decision.kind, state=state, decision=decision.uid, rule=decision.rule,
        why="; ".join(dict.fromkeys(row.error or row.proof for row in rows)),
        host=next((row.host.label for row in rows if row.host), ""), containments=tuple(view(row, at) for row in rows),
    )  # fmt: skip


def show_results(results: Sequence[Result], *, as_json: bool, dry: bool = False) -> int:
    """On stdout, one by one; the exit code."""
    if as_json:
        document = msgspec.json.encode(Results(results=tuple(results), dry_run=dry))
        show(msgspec.json.format(document).decode() + "\n")
        return exit_code_of(results)
    rows = [_draw(each) for each in results]
    if rows:
        show(draw_table(("target", "state", "what", "until", "rule", "why"), rows))
    for each in results:
        if each.state == "awaiting" and each.decision:
            needs = " and ".join(each.needs)
            say(f"codered: {printable(_name(each))} waits for {needs}: codered approve yes {each.decision[:8]}")
        if each.state == "stuck":
            say(f"codered: {printable(_name(each))}: LOOK AT IT: {printable(each.why)}")
    if dry:
        say("codered: dry run: nothing was asked for, nothing was changed")
    return exit_code_of(results)


def exit_code_of(results: Sequence[Result]) -> int:
    """The gravest of what came of them; refused is that of all only if it is all of them."""
    if not results:
        raise WrongUse("nothing is meant", advice="name something")
    states = [each.state for each in results]
    for state, code in (
        ("stuck", ExitCode.NOT_ROLLED_BACK), ("failed", ExitCode.ROLLED_BACK), ("awaiting", ExitCode.AWAITING_APPROVAL),
    ):  # fmt: skip
        if state in states:
            return code
    if "refused" in states:
        return ExitCode.REFUSED if set(states) == {"refused"} else ExitCode.INCOMPLETE
    return ExitCode.CLEAN


def _name(each: Result) -> str:
    return f"{each.host} ({each.target})" if each.host and each.host not in each.target else each.target


def _draw(each: Result) -> tuple[str, ...]:
    what = ", ".join(row.what for row in each.containments) or "; ".join(each.orders) or each.kind
    ends = [row.until for row in each.containments if row.until]
    return (_name(each), each.state, what, show_time(min(ends, default=None)), each.rule, each.why)
