"""The first sentence of a report: what it means for the reader. Shared by text and HTML, unescaped."""

from collections.abc import Iterable

import msgspec

from codered.export.writing.traffic_words import (
    is_of_stranger,
    tell_extent,
    tell_infected_hosts,
    tell_strangers,
    tell_suspect_hosts,
)
from codered.export.writing.words import (
    CHANGED,
    INTRUDER,
    count_of,
    counts_things,
    format_count,
    format_time,
    group_of,
    join_words,
    map_titles,
    name_place,
    name_threat,
)
from codered.model.finding import UNATTRIBUTED, Finding
from codered.model.patches import ADVISORIES
from codered.model.report import Attacker, Report, Verdict

_NEXT: dict[Verdict, str] = {
    "infected": " Next: codered plan.",
    "vulnerable": " Next: patch it before it is attacked.",
}


_COUNTED_APART = ("files", "logs", "integrity", "network", "traffic")


class Headline(msgspec.Struct, frozen=True):
    """The verdict that the reader is told, its word in capitals, and the rest of the sentence."""

    verdict: Verdict
    word: str
    story: str

    def sentence(self) -> str:
        """The whole of it, e.g. `CLEAN: nothing found in 17,162 files and 3 logs.`"""
        return f"{self.word}: {self.story}"


def write_headline(report: Report) -> Headline:
    """What the report means for its reader. A report with a hole in it is never told as clean."""
    holes = _tell_holes(report)
    verdict = report.verdict
    if verdict == "clean" and holes:
        verdict = "incomplete"
    tell = {
        "infected": _tell_infected,
        "suspicious": _tell_suspicious,
        "attacked": _tell_attacked,
        "vulnerable": _tell_vulnerable,
        "clean": _tell_clean,
        "incomplete": _tell_incomplete,
    }[verdict]
    story = tell(report)
    if holes and verdict != "incomplete":
        story += f" The picture is incomplete: {holes}."
    story += _tell_next(report, verdict)
    return Headline(verdict, verdict.upper(), story)


def _tell_next(report: Report, verdict: Verdict) -> str:
    """What to type next; what spreads is contained before anything else."""
    kind = report.target.kind
    spreads = any(f.layer in ("network", "traffic") and f.confidence != "suspicious" for f in _own(report))
    if kind == "traffic_files":
        return " Next: codered contain suggest REPORT.json (from scan --json)." if spreads else ""
    if kind == "memory_dump":  # nothing in a copy can be removed
        return ""
    if kind == "live_linux" and spreads and verdict == "infected":
        return " Next: codered contain on, then codered plan."
    return _NEXT.get(verdict, "")


def list_internal_attackers(report: Report) -> tuple[Attacker, ...]:
    """The addresses inside the reader's own network that attacked: suspected infected hosts, the busiest first. Without
    those that look like a sweep by this tool.
    """
    return tuple(attacker for attacker in rank_attackers(report) if attacker.internal and not attacker.like_sweep)


def rank_attackers(report: Report) -> tuple[Attacker, ...]:
    """All attackers: internal ones first, then by the number of requests, then by time; what looks like a sweep by this
    tool comes last.
    """
    attackers = (
        *(report.logs.attackers if report.logs else ()),
        *(report.traffic.attackers if report.traffic else ()),
    )
    return tuple(sorted(attackers, key=_rank))


def _rank(attacker: Attacker) -> tuple[bool, bool, int, str, str]:
    first = format_time(attacker.first_seen)
    return attacker.like_sweep, not attacker.internal, -attacker.count, first, attacker.address


def _tell_infected(report: Report) -> str:
    if report.target.kind == "traffic_files":
        return tell_infected_hosts(report)
    sure = [f for f in _own(report) if f.confidence != "suspicious"] or _own(report)
    found = {(f.subject.kind, f.subject.name()) for f in sure}
    confirmed = len({(f.subject.kind, f.subject.name()) for f in sure if f.confidence == "confirmed"})
    share = f"{format_count(confirmed) if confirmed else 'none'} of them confirmed"
    if len(found) == 1:
        share = "confirmed" if confirmed else "not yet confirmed"
    elif confirmed == len(found):
        share = "all of them confirmed"
    place = name_place(report.target)
    found_where = f"{_name_threats(report, sure)} on {place}: {_count_subjects(sure)}, {share}."
    return f"{found_where}{_tell_internal(report)}"


def _tell_suspicious(report: Report) -> str:
    if report.target.kind == "traffic_files":
        return tell_suspect_hosts(report)
    own = _own(report)
    story = ""
    if own:
        threats = join_words(_list_threats(report, own), last="or")
        one = len({finding.subject for finding in own}) == 1
        changed = f"{'is' if one else 'are'} not as {'it is' if one else 'they are'} known to be good"
        known = {INTRUDER: "may have been planted", CHANGED: changed}
        looks = known.get(threats, f"may belong to {threats}")
        story = f"{_count_subjects(own)} on {name_place(report.target)} {looks}; a person must judge."
    return (story + _tell_internal(report)).strip()


def _tell_attacked(report: Report) -> str:
    if not any(f.layer == "logs" for f in report.findings):
        return tell_strangers(report)
    attackers = report.logs.attackers if report.logs else ()
    findings = [f for f in report.findings if f.layer == "logs"]
    requests = sum(each.count for each in attackers) or sum(f.count for f in findings)
    addresses = len(attackers) or len({f.subject.address for f in findings})
    threats = join_words(_list_threats(report, findings))
    return (
        f"{count_of(requests, 'request')} of {threats} from {count_of(addresses, 'address', 'addresses')}; "
        "nothing here says that this server is infected, and logs can't prove that it is not."
        f"{_tell_open_doors(findings)}"
    )


def _tell_open_doors(findings: list[Finding]) -> str:
    """A back door that answered is no proof, and the first thing to look at."""
    doors = sum(f.count for f in findings if f.severity == "critical")
    answered = "One request was" if doors == 1 else f"{format_count(doors)} requests were"
    return f" {answered} answered as if a back door were there: look at that host." if doors else ""


def _tell_vulnerable(report: Report) -> str:
    open_to = [f for f in report.findings if f.layer == "patches"]
    packs = [f for f in open_to if f.pack != ADVISORIES]
    advisories = dict.fromkeys(f.indicator for f in open_to if f.pack == ADVISORIES)
    threats = [*(_list_threats(report, packs) if packs else ()), *advisories]
    return f"{name_place(report.target)} is open to {join_words(threats)}."


def _tell_clean(report: Report) -> str:
    left = [f"{stage.what} ({stage.left_out})" for stage in report.order if stage.left_out]
    left_out = f" Left out: {join_words(left)}." if left else ""
    if report.target.kind == "live_linux" and report.target.offers and "processes" not in report.target.offers:
        left_out = " Only files and logs were looked at: leave PATH away for what runs and what starts by itself."
    packs = f" with {count_of(len(report.packs), 'pack')}" if report.packs else ""
    return f"nothing found in {_count_looked(report)}{packs}.{left_out}"


def _tell_incomplete(report: Report) -> str:
    holes = _tell_holes(report) or "not everything could be looked at (see Not looked at)"
    return f"nothing found, but {holes}. This does not mean clean."


def _tell_internal(report: Report) -> str:
    attackers = list_internal_attackers(report)
    sweeping = {each.address for each in rank_attackers(report) if each.like_sweep}
    others = {
        f.subject.address or f.subject.name()
        for f in report.findings
        if f.internal and not (f.layer == "logs" and f.subject.address in sweeping)
    }
    # an address that only logs know as a sweep may do in its traffic what no sweep does
    also = others & sweeping if attackers else others
    names = list(dict.fromkeys([*(each.address for each in attackers), *sorted(also)]))
    looks = "looks like a sweep by this tool: see that it was yours."
    harmless = sweeping - also
    doors = _tell_open_doors([f for f in report.findings if f.layer == "logs" and f.subject.address in harmless])
    swept = f" {join_words(sorted(harmless))} {looks}{doors}" if harmless else ""
    if not names:
        return swept
    threats = {
        name_threat(map_titles(report), seen.pack, seen.shared_by): None for each in attackers for seen in each.threats
    }
    sent = f" attacked ({join_words(list(threats), most=2)})" if threats else " attacked"
    treat = "treat it as an infected host" if len(names) == 1 else "treat them as infected hosts"
    addresses = count_of(len(names), "internal address", "internal addresses")
    return f" {addresses} ({join_words(names)}){sent}: {treat}.{swept}"


def _tell_holes(report: Report) -> str:
    """Why the report does not cover what was asked for, or ""."""
    if report.interrupted:
        return "the scan was interrupted before its end"
    gaps = report.gaps()
    if not gaps:
        return "" if any(look.state == "looked" for look in report.looks) else "nothing was looked at"
    if all(look.layer == "files" and look.state == "failed" and counts_things(look) for look in gaps):
        things = count_of(sum(max(look.count, 1) for look in gaps), "file")
    else:
        things = count_of(len(gaps), "thing")
    return f"{things} could not be looked at (see Not looked at)"


def _count_looked(report: Report) -> str:
    looked = [look for look in report.looks if look.state == "looked"]
    files = sum(look.count for look in looked if look.layer == "files")
    logs = sum(max(look.count, 1) for look in looked if look.layer == "logs")
    others = dict.fromkeys(look.layer for look in looked if look.layer not in _COUNTED_APART)
    compared = sum(look.count for look in looked if look.layer == "integrity")
    traffic = report.traffic
    parts = [count_of(files, "file")] if files or not (logs or compared or traffic) else []
    if logs:
        lines = report.logs.lines if report.logs else 0
        parts.append(count_of(logs, "log") + (f" ({count_of(lines, 'line')})" if lines else ""))
    known_good = [f"{count_of(compared, 'thing')} compared with known good"] if compared else []
    seen = [tell_extent(report)] if traffic else []
    return join_words([*parts, *others, *known_good, *seen], most=9)


def _own(report: Report) -> list[Finding]:
    """Findings that speak of the examined host; a log line speaks of its sender, a missing patch of what may come."""
    return [f for f in report.findings if f.layer not in ("logs", "patches") and not is_of_stranger(f)]


def _count_subjects(findings: Iterable[Finding]) -> str:
    plurals = {"directory": "directories", "address": "addresses", "process": "processes"}
    nouns: dict[str, str] = {"memory": "memory region", "autostart": "autostart entry", "key": "SSH key"}
    plurals |= {"autostart entry": "autostart entries"}
    counts: dict[str, set[str]] = {}
    for finding in findings:
        counts.setdefault(finding.subject.kind, set()).add(finding.subject.name())
    counted = [(nouns.get(kind, kind), len(names)) for kind, names in counts.items()]
    return join_words([count_of(number, noun, plurals.get(noun, "")) for noun, number in counted], most=8)


def _list_threats(report: Report, findings: Iterable[Finding]) -> list[str]:
    titles = map_titles(report)
    named = dict.fromkeys(titles.get(group_of(f), f.pack) for f in findings if f.pack != UNATTRIBUTED)
    if named:
        return list(named)
    sharers = dict.fromkeys(titles.get(name, name) for f in findings for name in f.shared_by)
    return [join_words(list(sharers), last="or")] if sharers else ["an unnamed threat"]


def _name_threats(report: Report, findings: list[Finding]) -> str:
    threats = _list_threats(report, findings)
    if all(f.pack == UNATTRIBUTED for f in findings):
        return f"signs of {threats[0]} are"
    if threats in ([INTRUDER], [CHANGED]):
        return f"{threats[0]} are"
    return f"{join_words(threats)} {'is' if len(threats) == 1 else 'are'}"
