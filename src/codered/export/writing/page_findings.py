"""The findings of a report as HTML, grouped by threat. Findings from logs are told by sign, as in the text."""

from collections.abc import Sequence

from codered.export.writing.escaping import Markup, element, encode_entities, escape_html, join_markup
from codered.export.writing.page_parts import make_chip, make_facts, make_list, make_paragraph, make_quote
from codered.export.writing.text_findings import group_by_pack, group_log_signs, rank_findings
from codered.export.writing.words import (
    capitalise,
    count_of,
    describe_evidence,
    format_count,
    map_titles,
    name_threat,
    quote_bytes,
)
from codered.model.finding import UNATTRIBUTED, Evidence, Finding
from codered.model.report import Report

MOST_FINDINGS = 500
"""Findings told of one threat; a page with tens of thousands would not open. The JSON has all."""

MOST_EVIDENCE = 8


def draw_findings(report: Report) -> Markup:
    """All findings, "" when there are none."""
    titles = map_titles(report)
    parts = []
    for pack, findings in group_by_pack(report.findings).items():
        title = "Signs that several threats share" if pack == UNATTRIBUTED else capitalise(titles.get(pack, pack))
        parts.append(element("h3", escape_html(title)))
        own = rank_findings(f for f in findings if f.layer != "logs")
        parts += [_draw_finding(finding, titles) for finding in own[:MOST_FINDINGS]]
        if len(own) > MOST_FINDINGS:
            parts.append(make_paragraph(f"… and {format_count(len(own) - MOST_FINDINGS)} more: see the JSON report."))
        signs = group_log_signs([f for f in findings if f.layer == "logs"])
        parts += [_draw_sign(group, titles) for group in signs[:MOST_FINDINGS]]
    return join_markup(parts)


def _draw_finding(finding: Finding, titles: dict[str, str]) -> Markup:
    subject = finding.subject
    here = subject.path if subject.shown and subject.path != subject.shown else None
    return _draw_card(
        finding,
        encode_entities(subject.name()),
        [
            ("here", make_quote(here) if here else Markup("")),
            ("threat", _name_sharers(finding, titles)),
            ("why", encode_entities(finding.because)),
            ("proof", _draw_evidence(finding.evidence)),
            ("ATT&CK", escape_html(", ".join(finding.attack))),
        ],
    )


def _draw_sign(group: Sequence[Finding], titles: dict[str, str]) -> Markup:
    first = group[0]
    addresses = count_of(len({f.subject.name() for f in group}), "address", "addresses")
    requests = count_of(sum(f.count for f in group), "request")
    because = first.because if len(group) == 1 else f"for example: {first.because}"
    return _draw_card(
        first,
        escape_html(f"{requests} from {addresses}: {first.indicator}"),
        [
            ("threat", _name_sharers(first, titles)),
            ("why", encode_entities(because)),
            ("proof", _draw_evidence(first.evidence[:1])),
            ("ATT&CK", escape_html(", ".join(first.attack))),
        ],
    )


def _draw_card(finding: Finding, name: Markup, facts: Sequence[tuple[str, Markup]]) -> Markup:
    chips = [make_chip(finding.confidence), make_chip(finding.severity), element("span", escape_html(finding.layer))]
    head = element("p", join_markup(chips, " "), class_="chips")
    return element(
        "article",
        head,
        element("h4", name),
        make_facts(facts),
        class_=f"finding {finding.confidence}",
    )


def _name_sharers(finding: Finding, titles: dict[str, str]) -> Markup:
    return escape_html(name_threat(titles, finding.pack, finding.shared_by)) if finding.shared_by else Markup("")


def _draw_evidence(pieces: Sequence[Evidence]) -> Markup:
    items = []
    for piece in pieces[:MOST_EVIDENCE]:
        quoted = quote_bytes(piece.data, 256)
        said = encode_entities(describe_evidence(piece))
        items.append(join_markup([said, make_quote(quoted)], " ") if quoted else said)
    if len(pieces) > MOST_EVIDENCE:
        items.append(escape_html(f"and {format_count(len(pieces) - MOST_EVIDENCE)} more: see the JSON report"))
    return make_list(items)
