"""The firewall in a response: what the threats that were found reach for is blocked on the way out, before anything
else is changed, in a containment of its own; it is lifted when the host was verified to be clean.
"""

from codered import __version__, respond
from codered.cli import changes
from codered.cli.contain_orders import list_pack_ports, merge_ports
from codered.cli.contain_views import tell_ports
from codered.cli.options import ChangeOptions
from codered.cli.output import say
from codered.model.errors import CodeRedError, Refused
from codered.model.firewall import FirewallOrder, PortRange
from codered.model.pack import LoadedPack, ThreatPack
from codered.model.plan import Plan
from codered.model.report import Report
from codered.remediate.firewall.sessions import find_own_sessions
from codered.remediate.plan_containment import make_containment_plan
from codered.respond import containing
from codered.respond.book import ResponseBook
from codered.respond.workflow import StepResult
from codered.targets import reopen_target

_MOST_TOLD = 20


def contain_threats(
    book: ResponseBook, report: Report, packs: tuple[LoadedPack, ...], *, staged: bool, agreed: bool
) -> StepResult:
    """The step: set the firewall where that is wanted and possible, and say what a person must do."""
    found = find_packs(report, packs)
    advice = [f"{pack.name}: {line}" for pack in found if pack.containment for line in pack.containment.advice]
    told = []
    if "processes" in report.target.offers:
        told.append("What is to be ended is frozen first, all of it at once, when the plan is applied")
    ports = list_ports(report, found)
    if report.target.kind != "live_linux" or "processes" not in report.target.offers:
        told.append("No firewall is set: what was looked at does not run here")
    elif book.response.asked.no_firewall:
        told.append("No firewall is set, as you asked: take the host off the network if it must not talk")
    elif not ports:
        told.append("No firewall is set: no threat that was found names a port; `codered contain on` isolates the host")
    elif staged:
        told.append(f"To be blocked on the way out when it goes on: {tell_ports(ports)}; now: codered contain on")
        return StepResult("staged", told=tuple((*told, *advice)[:_MOST_TOLD]))
    else:
        told.append(_block(book, report, found, ports, agreed=agreed))
    return StepResult("done", told=tuple((*told, *advice)[:_MOST_TOLD]))


def find_packs(report: Report, packs: tuple[LoadedPack, ...]) -> tuple[ThreatPack, ...]:
    """The packs of what was found on the host itself: requests in a log come from others."""
    names = {finding.pack for finding in report.findings if finding.layer != "logs"}
    return tuple(item.pack for item in packs if item.pack.name in names)


def list_ports(report: Report, packs: tuple[ThreatPack, ...]) -> tuple[PortRange, ...]:
    """What those packs want blocked on the way out; if they name nothing, the ports on which a scan was seen."""
    ports = list_pack_ports(packs)
    if not ports and report.traffic is not None:
        ports = [
            PortRange(protocol="udp" if scanner.protocol == "udp" else "tcp", first=port, last=port)
            for scanner in report.traffic.scanners
            if scanner.confidence == "confirmed" and not scanner.allowed and scanner.protocol in ("tcp", "udp")
            for port in scanner.ports
            if port
        ]
    return merge_ports(ports)


def _block(
    book: ResponseBook, report: Report, packs: tuple[ThreatPack, ...], ports: tuple[PortRange, ...], *, agreed: bool
) -> str:
    """What became of it, in a line; a firewall that can't be set does not keep the rest from being done."""
    shown = tell_ports(ports)
    known = book.response.containment
    try:
        if known and known in containing.list_in_force():
            containing.keep(known)
            return f"Blocked on the way out by an earlier run: {shown}: codered contain status {known}"
        question = f"Block connections out to {shown} until this is over? Your own session stays."
        changes.ask(ChangeOptions("", dry_run=False, yes=agreed, as_json=False), question)
        plan = _make_plan(report, packs, ports)
        book.keep(containment=plan.id)  # a crash from here on leaves its name
        record = containing.make_record(plan, containing.Times())
        begun = containing.begin(plan, record, reopen_target(report.target), changes.tell_step(quiet=True))
    except CodeRedError as error:
        return f"No firewall is set: {error.what}: take the host off the network if it must not talk"
    if begun.unkept:
        say(f"codered: {begun.unkept}")
    return f"Blocked on the way out until the host starts anew: {shown}; to undo it: codered contain off {plan.id}"


def _make_plan(report: Report, packs: tuple[ThreatPack, ...], ports: tuple[PortRange, ...]) -> Plan:
    try:
        sessions = find_own_sessions()
    except Refused:
        sessions = ()  # only ports on the way out are closed
    because = f"found: {', '.join(pack.name for pack in packs)}" if packs else "a scan of other hosts was seen"
    order = FirewallOrder(sessions=sessions, ports=ports)
    return make_containment_plan(report.target, "block_outbound", order, because, tool=__version__, report_id=report.id)


def end_containment(book: ResponseBook, *, is_clean: bool, agreed: bool) -> tuple[str, ...]:
    """What is said of the containment at the end: lifted where the host is clean and somebody agrees, kept else."""
    name = book.response.containment
    if not name or name not in containing.list_in_force():
        return ()
    kept = f"The ports stay blocked: codered contain off {name}"
    if not is_clean:
        return (kept,)
    try:
        question = "The host was verified to be clean: open the blocked ports again?"
        changes.ask(ChangeOptions("", dry_run=False, yes=agreed, as_json=False), question)
        plan = respond.read_plan(respond.plan_file(name))
        containing.lift(name, reopen_target(plan.target), changes.tell_step(quiet=True))
    except CodeRedError as error:
        return (f"{kept} ({error.what})",)
    return ("The ports that were blocked are open again",)
