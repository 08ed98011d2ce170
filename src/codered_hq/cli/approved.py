"""What happens after a yes: a containment is carried out at once, a change of hosts goes on with the queue."""

from datetime import datetime
from typing import TYPE_CHECKING

from codered.cli.output import say
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode
from codered_hq.cli.tables import show_time
from codered_hq.gate.locking import tell_time
from codered_hq.gate.models import Decision
from codered_hq.gate.settling import name_decision
from codered_hq.gate.voters import find_missing_votes
from codered_hq.opening import Headquarters

if TYPE_CHECKING:
    from codered_hq.containment.models import Containment

_OVER = {"holding": ExitCode.CLEAN, "undone": ExitCode.CLEAN, "failed": ExitCode.ROLLED_BACK}


def go_on(decision: Decision, entered: Headquarters, at: datetime) -> ExitCode:
    """Tell where a decision stands now, and carry out what is allowed."""
    name = printable(f"{decision.uid[:8]}: {name_decision(decision)}")
    if decision.state == "awaiting":
        missing = find_missing_votes(decision, decision.needs, tell_time(at))
        say(f"codered: {name} still needs the yes of {' and '.join(missing)}")
        return ExitCode.AWAITING_APPROVAL
    if decision.state == "taken":
        say(f"codered: {name} was approved and carried out already")
        return ExitCode.CLEAN
    if decision.state != "allowed":
        say(f"codered: {name} is {decision.state}: rule {decision.rule}: {printable(decision.why)}")
        return ExitCode.REFUSED
    say(f"codered: {name} is allowed")
    match decision.order.get("word"):
        case "contain":
            return _contain(decision, entered, at)
        case "fleet":
            return _tell_fleet(decision)
    return ExitCode.CLEAN


def _contain(decision: Decision, entered: Headquarters, at: datetime) -> ExitCode:
    from codered_hq.containment.acting import carry_out

    done = carry_out(decision, entered.config, entered.folder, at)
    for containment in done:
        say(f"codered: {_tell_containment(containment)}")
    return max((_OVER.get(each.state, ExitCode.NOT_ROLLED_BACK) for each in done), default=ExitCode.CLEAN)


def _tell_containment(done: "Containment") -> str:
    what = " ".join(filter(None, (done.kind, done.device, done.port, ", ".join(map(str, done.networks)))))
    until = f", until {show_time(done.undo_at)} UTC" if done.undo_at and done.state == "holding" else ""
    error = f": {done.error}" if done.error else f" ({done.proof})" if done.proof else ""
    return printable(f"{what}: {done.state}{until}{error}")


def _tell_fleet(decision: Decision) -> ExitCode:
    from codered_hq.fleet.permitting import find_waiting, reopen

    if decision.broke_glass:
        reopen(decision)
    run = str(decision.order.get("run", ""))[:8]
    if others := find_waiting(decision):
        told = ", ".join(other.uid[:8] for other in others)
        say(f"codered: run {run} needs more for the same hosts: codered approve yes {told}")
    else:
        say(f"codered: run {run} goes on with: codered fleet run-queue")
    return ExitCode.CLEAN
