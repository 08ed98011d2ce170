"""How a decision ends or becomes allowed: its state, what is reserved for it, and its line in the ledger, together."""

from datetime import datetime

import msgspec

from codered.export.writing.escaping import printable
from codered.model.errors import AwaitingApproval, CodeRedError, Refused
from codered_hq.gate.caps import explain_full_cap, release, renew, reserve
from codered_hq.gate.models import Decision
from codered_hq.gate.target_sets import list_counted
from codered_hq.ledger.writing import enter
from codered_hq.model.action import ActionRequest, Cap

MOST_NAME = 80  # characters of a machine's name in a sentence
OPEN = ("awaiting", "allowed")
"""States of a decision that may still be used."""


def name_decision(decision: Decision) -> str:
    """What it is called to people: "isolate_host iis-defaced (host #12)", "shut_vlan web-1 and 7 more (vlan 20)"."""
    names = [printable(str(subject.get("name", "")))[:MOST_NAME] for subject in decision.request.get("subjects", [])]
    if not names or not names[0] or names[0] in decision.target:
        return f"{decision.kind} {decision.target}"
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    return f"{decision.kind} {names[0]}{more} ({decision.target})"


def name_rule(decision: Decision) -> str:
    """The rule that decided, and its sentence if it says more than who must say yes."""
    own = decision.why and not decision.why.startswith("waits for ")
    return f"rule {decision.rule}: {decision.why}" if own else f"rule {decision.rule}"


def read_request(decision: Decision) -> ActionRequest:
    """The request that was decided."""
    return msgspec.convert(decision.request, ActionRequest)


def end_decision(decision: Decision, state: str, because: str, who: str, now: datetime) -> None:
    """It can't be used any more: refused, vetoed, expired or void. Nothing was changed, so nothing is counted."""
    decision.state = state
    if state in ("refused", "void", "vetoed"):
        decision.why = f"{decision.why} [{state}: {because}]" if because != decision.why else because
    decision.save(update_fields=["state", "why"])
    release(decision)
    tell_decision(decision, f"{state}: {name_decision(decision)}: {because}", who, now)


def allow(decision: Decision, caps: tuple[Cap, ...], who: str, now: datetime) -> None:
    """Nobody is missing any more: reserve its machines under the caps, or refuse it by the one that is full."""
    machines = list_counted(read_request(decision))
    if full := explain_full_cap(caps, machines, now):
        _refuse_full(decision, full, who, now)
        return
    reserve(decision, machines, now)
    decision.state = "allowed"
    decision.save(update_fields=["state"])
    tell_decision(decision, f"allowed: {name_decision(decision)} (rule {decision.rule})", who, now)


def count_from_now(decision: Decision, caps: tuple[Cap, ...], now: datetime) -> bool:
    """It is done now, perhaps long after it was allowed: its machines count from now on. Whether there is room for
    them; if not, it is refused.
    """
    machines = list_counted(read_request(decision))
    if full := explain_full_cap(caps, machines, now):
        release(decision)
        _refuse_full(decision, full, "gate", now)
        return False
    renew(decision, machines, now)
    return True


def _refuse_full(decision: Decision, full: tuple[str, str], who: str, now: datetime) -> None:
    decision.answer, decision.rule, decision.why = "no", *full
    decision.state = "refused"
    decision.save(update_fields=["answer", "rule", "why", "state"])
    tell_decision(decision, f"refused: {name_decision(decision)}: {full[1]} (rule {full[0]})", who, now)


def tell_decision(decision: Decision, what: str, who: str, now: datetime) -> None:
    """Its line in the ledger, with what proves it."""
    detail = {
        "decision": decision.uid, "state": decision.state, "action": decision.kind, "target": decision.target,
        "target_set": decision.target_set, "answer": decision.answer, "rule": decision.rule,
        "needs": list(decision.needs), "rules_version": decision.rules_version, "rules_digest": decision.rules_digest,
        "requested_by": decision.requested_by, "reason": decision.reason, "undo_after": decision.undo_after,
    }  # fmt: skip
    enter("decision", who, what, now, incident=decision.incident, detail=detail)


def explain_state(decision: Decision, missing: tuple[str, ...] = ()) -> CodeRedError:
    """Why a decision in this state can't be used now, as an error that says what to do."""
    where = name_decision(decision)
    if decision.state == "awaiting":
        what = f"waits for the yes of {' and '.join(missing or decision.needs)} ({name_rule(decision)})"
        return AwaitingApproval(what, where=where, advice=f"codered approve yes {decision.uid[:8]}")
    if decision.state == "taken":
        return Refused("its approval was used already", where=where, advice="ask again: each is used once")
    if decision.state == "expired":
        return Refused("its approval expired", where=where, advice="ask again, and have it approved and used in time")
    if decision.state == "refused":
        return Refused(f"rule {decision.rule}: {decision.why}", where=where, advice="codered rules explain shows why")
    return Refused(f"is {decision.state}: {decision.why}", where=where, advice="ask again if it is still needed")
