"""Report -> text for a terminal, a mail, a ticket: 100 columns, the first sentence says what it means."""

from collections.abc import Sequence

from codered.export.writing.escaping import legible
from codered.export.writing.headline import list_internal_attackers, rank_attackers, write_headline
from codered.export.writing.layout import Column, lay_out_table, wrap
from codered.export.writing.paint import SHADE_OF_VERDICT, Paint
from codered.export.writing.patch_words import write_patches
from codered.export.writing.text_findings import write_findings
from codered.export.writing.traffic_text import write_traffic
from codered.export.writing.words import (
    count_of,
    describe_answers,
    describe_evidence_hash,
    describe_look,
    describe_look_state,
    describe_stage,
    describe_total,
    format_count,
    format_seconds,
    format_time,
    list_not_offered,
    map_titles,
    name_threat,
)
from codered.model.report import Attacker, Look, Report

MOST_ROWS = 50
"""Rows of a table before "… and N more": the rest is for --json and --csv."""

_ATTACKER_COLUMNS = (
    Column("address", 15),
    Column("where", 8),
    Column("threat", 34, least=12),
    Column("first (UTC)", 16),
    Column("last (UTC)", 16),
    Column("requests", 9, "right"),
    Column("answers", 24, least=9),
)


def render_text(report: Report, colour: bool = False) -> str:
    """The report as text. Lines have at most 100 columns (colour codes not counted) and hold no control characters."""
    paint = Paint(colour)
    headline = write_headline(report)
    opening = wrap(legible(headline.sentence(), 2000))
    lines = paint.shade_start(opening, headline.word + ":", SHADE_OF_VERDICT[headline.verdict])
    lines += _write_facts(report)
    lines += _write_suspects(report, paint)
    lines += write_findings(report, paint)
    lines += _write_attackers(report, paint)
    lines += write_traffic(report, paint)
    lines += _write_meanings(report, paint)
    lines += write_patches(report, paint)
    lines += _write_order(report, paint)
    lines += _write_looks(report, paint)
    lines += _write_rebuild(report, paint)
    lines += _write_packs(report, paint)
    return "\n".join([*lines, ""])


def _write_facts(report: Report) -> list[str]:
    target = report.target
    host = f", host {target.host}" if target.host else ""
    root = "" if target.kind in ("log_files", "traffic_files") else f", {target.root}"
    facts = {
        "Target": f"{target.kind.replace('_', ' ')}{host}{root}",
        "System": target.windows.describe() if target.windows else "",
        "Asked for": ", ".join(report.scope),
        "Scanned": f"{format_time(report.started)} UTC, in {format_seconds(report.seconds)}, with {report.tool}",
        "Evidence": describe_evidence_hash(report),
        "Report": report.id,
    }
    lines = [""]
    for name, fact in facts.items():
        if fact:
            lines += wrap(legible(fact, 4200), first=f"{name:<10} ", rest=" " * 11)
    return lines


def _write_suspects(report: Report, paint: Paint) -> list[str]:
    suspects = list_internal_attackers(report)
    if not suspects:
        return []
    titles = map_titles(report)
    lines = paint.head("Suspected infected hosts in your network")
    for suspect in suspects[:MOST_ROWS]:
        threats = dict.fromkeys(name_threat(titles, seen.pack, seen.shared_by) for seen in suspect.threats)
        lines += wrap(
            legible(f"{suspect.address}: {count_of(suspect.count, 'request')} of {', '.join(threats)}"),
            first="  ",
            rest="    ",
        )
    lines += _tell_more(len(suspects))
    return lines + wrap(
        "An address of your own that attacks others is infected until shown otherwise: isolate it, then scan it.",
        first="  ",
        rest="  ",
    )


def _write_attackers(report: Report, paint: Paint) -> list[str]:
    attackers = rank_attackers(report)
    if not attackers:
        return []
    titles = map_titles(report)
    rows = [_attacker_row(attacker, titles) for attacker in attackers[:MOST_ROWS]]
    lines = paint.head(f"Attackers: {count_of(len(attackers), 'address', 'addresses')}")
    return lines + lay_out_table(_ATTACKER_COLUMNS, rows) + _tell_more(len(attackers))


def _attacker_row(attacker: Attacker, titles: dict[str, str]) -> tuple[str, ...]:
    threats = dict.fromkeys(name_threat(titles, seen.pack, seen.shared_by) for seen in attacker.threats)
    first = format_time(attacker.first_seen, seconds=False)
    last = format_time(attacker.last_seen, seconds=False)
    return (
        legible(attacker.address, 255),
        "internal" if attacker.internal else "external",
        legible(", ".join(threats), 200),
        first,
        last[11:] if last[:11] == first[:11] and len(last) > 11 else last,
        format_count(attacker.count),
        legible(describe_answers(attacker.answers), 200),
    )


def _tell_more(total: int) -> list[str]:
    return [f"  … and {format_count(total - MOST_ROWS)} more (see --json or --csv)"] if total > MOST_ROWS else []


def _write_meanings(report: Report, paint: Paint) -> list[str]:
    meanings = sorted(report.logs.meanings if report.logs else (), key=lambda each: -each.count)
    if not meanings:
        return []
    titles = map_titles(report)
    lines = paint.head("What the answers of the server mean")
    for meaning in meanings[:MOST_ROWS]:
        story = (
            f"{meaning.status} × {format_count(meaning.count)}, {name_threat(titles, meaning.pack)}: {meaning.means}"
        )
        lines += wrap(legible(story), first="  ", rest="      ")
    return lines + _tell_more(len(meanings))


def _write_order(report: Report, paint: Paint) -> list[str]:
    if not report.order:
        return []
    lines = paint.head("In this order")
    for number, stage in enumerate(report.order, 1):
        lines += wrap(legible(describe_stage(stage)), first=f"  {number}. ", rest="     ")
    return lines


def _write_looks(report: Report, paint: Paint) -> list[str]:
    groups: dict[str, list[Look]] = {"looked": [], "skipped": [], "gap": []}
    for look in report.looks:
        groups["gap" if look.is_gap() else look.state].append(look)
    lines = paint.head("Looked at")
    total = describe_total(report)
    if total and len(groups["looked"]) + (not groups["looked"][0].seconds) > 1:
        lines += wrap(f"in all: {total}", first="  ", rest="    ")
    lines += _list_looks(groups["looked"]) or ["  nothing"]
    if report.logs and report.logs.unparsed_hits:
        lines += wrap(f"{count_of(report.logs.unparsed_hits, 'suspect log line')} could not be parsed.", first="  ")
    if report.logs and report.logs.left_out:
        lost = count_of(report.logs.left_out, "request")
        lines += wrap(f"{lost} came from addresses beyond the 100,000 that the table holds.", first="  ")
    if groups["skipped"]:
        lines += [*paint.head("Left out by rule (no gap)"), *_list_looks(groups["skipped"])]
    missing = _list_looks(groups["gap"])
    for none in list_not_offered(report):
        missing += wrap(legible(f"not offered by this target: {none}"), first="  ", rest="      ")
    if missing:
        lines += [*paint.head("Not looked at"), *missing]
    return lines


def _list_looks(looks: Sequence[Look]) -> list[str]:
    lines: list[str] = []
    for look in looks[:MOST_ROWS]:
        lines += wrap(legible(f"{look.layer}: {look.where}", 4200), first="  ", rest="      ")
        said = [describe_look_state(look)] if look.is_gap() or look.why else []
        said += [describe_look(look)] if describe_look(look) else []
        if said:
            lines += wrap(legible("; ".join(said)), first="      ", rest="      ")
        for example in look.examples[: 5 if look.is_gap() else 2]:
            lines += wrap(legible(example, 4200), first="      - ", rest="        ")
    return lines + _tell_more(len(looks))


def _write_rebuild(report: Report, paint: Paint) -> list[str]:
    if not report.rebuild:
        return []
    titles = map_titles(report)
    lines = paint.head("Rebuild advised: clean-up is not cure")
    for advice in report.rebuild[:MOST_ROWS]:
        lines += wrap(legible(f"{name_threat(titles, advice.pack)}: {advice.because}"), first="  ", rest="      ")
    return lines + _tell_more(len(report.rebuild))


def _write_packs(report: Report, paint: Paint) -> list[str]:
    if not report.packs:
        return []
    packs = [f"{pack.name} {pack.version} ({pack.digest.removeprefix('sha256:')[:12]})" for pack in report.packs]
    return paint.head("Packs used") + wrap(legible(", ".join(packs), 4200), first="  ", rest="  ")
