"""How traffic is told: who scans, what was read, what could not be seen. All of it unescaped."""

from collections.abc import Sequence

from codered.export.writing.words import count_of, format_count, format_seconds, format_time, join_words, name_threat
from codered.model.finding import Finding
from codered.model.report import Passing, Report, Scanner, TrafficSummary
from codered.model.traffic import Preference

PREFERENCES: dict[Preference, str] = {
    "": "",
    "uniform": "anywhere",
    "near": "near itself",
    "sequential": "one after the other",
    "local": "only local ones",
}
WHO = ("Who scans", "Where", "How sure", "Port", "Attempts", "Answered", "A second", "First (UTC)", "Chosen")


def rank_scanners(report: Report) -> tuple[Scanner, ...]:
    """Those who scan: one's own first, then the surest, then the busiest; the allowed ones last."""
    scanners = report.traffic.scanners if report.traffic else ()
    order = ("confirmed", "likely", "suspicious")
    return tuple(
        sorted(
            scanners,
            key=lambda one: (bool(one.allowed), not one.internal, order.index(one.confidence), -one.attempts,
                             name_scanner(one)),
        )
    )  # fmt: skip


def name_scanner(scanner: Scanner) -> str:
    """The process, else the address."""
    actor = scanner.actor
    if actor.process is None:
        return actor.address or "unknown"
    return f"process {actor.process.pid}" + (f" {actor.name}" if actor.name else "")


def list_scanner_cells(scanner: Scanner) -> tuple[str, ...]:
    """The cells under WHO."""
    sure = "allowed" if scanner.allowed else scanner.confidence
    return (
        name_scanner(scanner),
        "internal" if scanner.internal else "external",
        sure,
        name_ports(scanner),
        format_count(scanner.attempts),
        format_count(scanner.answered),
        f"{min(scanner.rate, 1e9):,.1f}" if scanner.rate else "",
        format_time(scanner.first_seen),
        PREFERENCES[scanner.preference],
    )


def name_ports(scanner: Scanner, most: int = 4) -> str:
    """The protocol and the busiest ports: "tcp 80, 8080 and 3 others"; ARP has none."""
    if scanner.protocol == "arp":
        return "arp"
    return f"{scanner.protocol} {join_words([str(port) for port in scanner.ports], most=most)}"


def tell_passing(passing: Passing, titles: dict[str, str]) -> str:
    """Who handed what to whom, and what came of it."""
    said = f"{format_time(passing.at)}  {passing.source} sent {name_threat(titles, passing.pack)} to {passing.target}"
    if passing.sent_on is None:
        return f"{said}, which was not seen to go on with it"
    if passing.sent_on < passing.at:
        return f"{said}, which had begun before"
    return f"{said}, which went on from {format_time(passing.sent_on)} on"


def rank_passings(passings: Sequence[Passing]) -> tuple[Passing, ...]:
    """Those that infected first, then by time."""
    return tuple(
        sorted(passings, key=lambda one: (one.sent_on is None or one.sent_on < one.at, format_time(one.at), one.target))
    )


def tell_extent(report: Report) -> str:
    """How much was seen: "1,000 packets over 3 min 20 s, 312 connection attempts"."""
    traffic = report.traffic or TrafficSummary()
    read = [
        count_of(number, noun) for number, noun in ((traffic.packets, "packet"), (traffic.records, "record")) if number
    ]
    span = format_seconds(traffic.seconds)
    if not read and report.target.kind == "traffic_files":
        return "no packet and no record"
    parts = [f"{join_words(read)} over {span}" if read else f"{span} of what this host reaches for"]
    return ", ".join([*parts, count_of(traffic.attempts, "connection attempt")])


def is_of_stranger(finding: Finding) -> bool:
    """Whether a finding about traffic speaks of an address that is not one's own."""
    return finding.layer in ("network", "traffic") and finding.subject.kind == "address" and not finding.internal


def tell_infected_hosts(report: Report) -> str:
    """What captures and flow logs show of one's own hosts, in a sentence."""
    own = [f for f in report.findings if f.internal and f.confidence != "suspicious"]
    hosts = sorted({f.subject.name() for f in own})
    certain = len({f.subject.name() for f in own if f.confidence == "confirmed"})
    deeds = [
        word
        for layer, word in (("traffic", "attack others"), ("network", "scan"))
        if any(f.layer == layer for f in own)
    ]
    one = len(hosts) == 1
    share = ("confirmed" if certain else "not yet confirmed") if one else f"{format_count(certain)} of them confirmed"
    treat = "treat it as an infected host" if one else "treat them as infected hosts"
    named = join_words(hosts)
    does = join_words([deed.replace("attack", "attacks").replace("scan", "scans") if one else deed for deed in deeds])
    return f"{count_of(len(hosts), 'host')} of your own ({named}) {does or 'attack others'}, {share}: {treat}."


def tell_suspect_hosts(report: Report) -> str:
    """What captures and flow logs leave to a person, in a sentence."""
    hosts = sorted({f.subject.name() for f in report.findings if f.internal})
    does = "behaves" if len(hosts) == 1 else "behave"
    named = join_words(hosts)
    return f"{count_of(len(hosts), 'host')} of your own ({named}) {does} as an infected host may; a person must judge."


def tell_strangers(report: Report) -> str:
    """What strangers do in captures and flow logs, in a sentence."""
    found = [f for f in report.findings if f.layer in ("network", "traffic")]
    scanning = {f.subject.name() for f in found if f.layer == "network"}
    sending = {f.subject.name() for f in found if f.layer == "traffic"}
    parts = []
    if sending:
        parts.append(f"{count_of(len(sending), 'address', 'addresses')} sent requests that show a threat")
    if scanning:
        parts.append(f"{count_of(len(scanning), 'address', 'addresses')} scanned")
    rest = "nothing here says that a host of your own is infected, and traffic can't prove that none is"
    return f"{join_words(parts)}; {rest}."
