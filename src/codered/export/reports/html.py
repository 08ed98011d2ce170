"""Report -> one HTML page that needs nothing else: no network, no script."""

from collections.abc import Sequence

from codered.export.writing.curve import describe_curve, draw_curve
from codered.export.writing.escaping import Markup, element, encode_entities, escape_html, join_markup
from codered.export.writing.headline import list_internal_attackers, rank_attackers, write_headline
from codered.export.writing.hours import bin_hours
from codered.export.writing.page_findings import draw_findings
from codered.export.writing.page_frame import Page, draw_page
from codered.export.writing.page_parts import (
    Cell,
    make_cell,
    make_facts,
    make_list,
    make_paragraph,
    make_quote,
    make_section,
    make_table,
)
from codered.export.writing.patch_words import ANSWERS, HEADING, list_answers, tell_answer
from codered.export.writing.traffic_page import draw_traffic
from codered.export.writing.words import (
    capitalise,
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

MOST_ROWS = 1000
"""Rows of a table before "… and N more": a page with 100,000 attackers would not open."""


def render_html(report: Report) -> str:
    """The report as a page. Every value is escaped; what was found on the machine is written as numeric entities."""
    headline = write_headline(report)
    findings = draw_findings(report)
    sections = [
        _draw_rebuild(report),
        _draw_suspects(report),
        make_section("Findings", findings) if findings else Markup(""),
        _draw_curve(report),
        _draw_attackers(report),
        *draw_traffic(report),
        _draw_meanings(report),
        _draw_patches(report),
        _draw_order(report),
        *_draw_looks(report),
        _draw_packs(report),
    ]
    return draw_page(
        Page(
            title=f"{headline.word}: {report.target.host or report.target.root}",
            verdict=headline.verdict,
            word=headline.word,
            story=capitalise(headline.story),
            facts=_draw_facts(report),
            sections=tuple(sections),
            made_by=f"{report.tool}, report {report.id}",
        )
    )


def _draw_facts(report: Report) -> Markup:
    target = report.target
    return make_facts(
        [
            ("Target", escape_html(target.kind.replace("_", " "))),
            ("Host", escape_html(target.host)),
            ("Root", escape_html("") if target.kind in ("log_files", "traffic_files") else make_quote(target.root)),
            ("System", escape_html(target.windows.describe() if target.windows else "")),
            ("Asked for", escape_html(", ".join(report.scope))),
            ("Scanned", escape_html(f"{format_time(report.started)} UTC, in {format_seconds(report.seconds)}")),
            ("Evidence", escape_html(describe_evidence_hash(report))),
        ]
    )


def _draw_rebuild(report: Report) -> Markup:
    titles = map_titles(report)
    items = [encode_entities(f"{name_threat(titles, each.pack)}: {each.because}") for each in report.rebuild]
    return (
        make_section("Rebuild advised: clean-up is not cure", make_list(items), name="warning") if items else Markup("")
    )


def _draw_suspects(report: Report) -> Markup:
    suspects = list_internal_attackers(report)
    if not suspects:
        return Markup("")
    told = make_paragraph(
        "An address of your own that attacks others is infected until shown otherwise: isolate it, then scan it."
    )
    titles = map_titles(report)
    table = make_table(
        count_of(len(suspects), "address", "addresses"), _ATTACKER_HEADINGS, _attacker_rows(suspects, titles)
    )
    return make_section("Suspected infected hosts in your network", told, table, _tell_more(suspects), name="warning")


_ATTACKER_HEADINGS = ("Address", "Where", "Threat", "First seen (UTC)", "Last seen (UTC)", "Requests", "Answers")


def _draw_attackers(report: Report) -> Markup:
    attackers = rank_attackers(report)
    if not attackers:
        return Markup("")
    caption = f"{count_of(len(attackers), 'address', 'addresses')} attacked; they are senders, not victims"
    table = make_table(caption, _ATTACKER_HEADINGS, _attacker_rows(attackers, map_titles(report)))
    return make_section("Attackers", table, _tell_more(attackers))


def _attacker_rows(attackers: Sequence[Attacker], titles: dict[str, str]) -> list[list[Cell]]:
    rows = []
    for each in attackers[:MOST_ROWS]:
        threats = dict.fromkeys(name_threat(titles, seen.pack, seen.shared_by) for seen in each.threats)
        rows.append(
            [
                make_cell(each.address, "code"),
                make_cell("internal" if each.internal else "external"),
                make_cell(", ".join(threats)),
                make_cell(format_time(each.first_seen), "time"),
                make_cell(format_time(each.last_seen), "time"),
                make_cell(format_count(each.count), "number"),
                make_cell(describe_answers(each.answers)),
            ]
        )
    return rows


def _draw_curve(report: Report) -> Markup:
    bins = bin_hours(report)
    if bins is None:
        return Markup("")
    return make_section("Attack requests over time", make_paragraph(describe_curve(bins)), draw_curve(bins))


def _draw_meanings(report: Report) -> Markup:
    meanings = sorted(report.logs.meanings if report.logs else (), key=lambda each: -each.count)
    titles = map_titles(report)
    rows = [
        [
            make_cell(each.status, "code"),
            make_cell(format_count(each.count), "number"),
            make_cell(name_threat(titles, each.pack)),
            Cell(encode_entities(each.means)),
        ]
        for each in meanings[:MOST_ROWS]
    ]
    if not rows:
        return Markup("")
    table = make_table("Answers to the attack requests", ("Status", "Times", "Threat", "What it means"), rows)
    return make_section("What the answers of the server mean", table, _tell_more(meanings))


def _draw_patches(report: Report) -> Markup:
    answers = list_answers(report)
    if not answers:
        return Markup("")
    rows = [
        [make_cell(name), make_cell(ANSWERS[answer.says]), Cell(encode_entities(tell_answer(answer)))]
        for name, answer in answers[:MOST_ROWS]
    ]
    table = make_table(count_of(len(answers), "hole"), ("Hole of", "Answer", "Why"), rows)
    return make_section(HEADING, table, _tell_more(answers))


def _draw_order(report: Report) -> Markup:
    if not report.order:
        return Markup("")
    return make_section("In this order", make_list([escape_html(describe_stage(stage)) for stage in report.order]))


def _draw_looks(report: Report) -> list[Markup]:
    looked = [look for look in report.looks if look.state == "looked"]
    skipped = [look for look in report.looks if look.state == "skipped"]
    gaps = report.gaps()
    not_offered = [escape_html(told) for told in list_not_offered(report)]
    total = describe_total(report)
    told = make_paragraph(f"In all: {total}.") if total else Markup("")
    table = _tabulate_looks("What was looked at", looked) or make_paragraph("Nothing.")
    sections = [make_section("Looked at", told, table)]
    if report.logs and report.logs.unparsed_hits:
        sections.append(
            make_paragraph(f"{count_of(report.logs.unparsed_hits, 'suspect log line')} could not be parsed.")
        )
    if skipped:
        sections.append(make_section("Left out by rule (no gap)", _tabulate_looks("What was left out", skipped)))
    if gaps or not_offered:
        offered = (
            [element("h3", escape_html("Not offered by this target")), make_list(not_offered)] if not_offered else []
        )
        table = _tabulate_looks("What could not be looked at", gaps)
        sections.append(make_section("Not looked at", table, *offered, name="warning" if gaps else ""))
    return sections


def _tabulate_looks(caption: str, looks: Sequence[Look]) -> Markup:
    if not looks:
        return Markup("")
    rows = []
    for look in looks[:MOST_ROWS]:
        examples = make_list([make_quote(example) for example in look.examples[:5]])
        why = describe_look_state(look)
        rows.append(
            [
                Cell(make_quote(look.where)),
                make_cell(look.layer),
                make_cell(describe_look(look)),
                Cell(element("div", escape_html(why), examples) if why or examples else Markup("")),
            ]
        )
    return join_markup([make_table(caption, ("Where", "Layer", "How much", "Why"), rows), _tell_more(looks)])


def _draw_packs(report: Report) -> Markup:
    rows = [
        [
            make_cell(pack.name, "code"),
            make_cell(pack.title),
            make_cell(pack.version),
            make_cell(pack.digest.removeprefix("sha256:")[:16], "code"),
        ]
        for pack in report.packs[:MOST_ROWS]
    ]
    if not rows:
        return Markup("")
    return make_section("Packs used", make_table("Threat packs", ("Pack", "Threat", "Version", "SHA-256"), rows))


def _tell_more(rows: Sequence[object]) -> Markup:
    more = len(rows) - MOST_ROWS
    return make_paragraph(f"… and {format_count(more)} more: see the JSON or CSV report.") if more > 0 else Markup("")
