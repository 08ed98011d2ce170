"""The network on the page: who scans, the curve of the outbreak, who infected whom, what could not be seen."""

from codered.export.writing.curve import describe_curve, draw_curve
from codered.export.writing.escaping import Markup, escape_html
from codered.export.writing.minutes import bin_minutes
from codered.export.writing.outbreak_tree import MOST_NODES, draw_tree, plant_tree
from codered.export.writing.page_parts import (
    make_cell,
    make_list,
    make_paragraph,
    make_quote,
    make_section,
    make_table,
)
from codered.export.writing.traffic_words import (
    WHO,
    list_scanner_cells,
    rank_passings,
    rank_scanners,
    tell_extent,
    tell_passing,
)
from codered.export.writing.words import count_of, format_count, map_titles
from codered.model.report import Report

MOST_ROWS = 1000
MOST_PASSINGS = 200
_KINDS = ("code", "", "", "", "number", "number", "number", "time", "")


def draw_traffic(report: Report) -> list[Markup]:
    """The sections, [] when no traffic was looked at."""
    if report.traffic is None:
        return []
    return [_draw_scanners(report), _draw_curve(report), _draw_passings(report), _draw_limits(report)]


def _draw_scanners(report: Report) -> Markup:
    scanners = rank_scanners(report)
    seen = make_paragraph(f"Seen: {tell_extent(report)}.") if report.traffic else Markup("")
    if not scanners:
        return make_section("Network behaviour", seen, make_paragraph("Nobody scans."))
    rows = [
        [make_cell(text, kind) for text, kind in zip(list_scanner_cells(one), _KINDS, strict=True)]
        for one in scanners[:MOST_ROWS]
    ]
    table = make_table(f"{count_of(len(scanners), 'scanner')}, one's own first", WHO, rows)
    more = len(scanners) - MOST_ROWS
    told = make_paragraph(f"… and {format_count(more)} more: see the JSON report.") if more > 0 else Markup("")
    return make_section("Network behaviour", seen, table, told)


def _draw_curve(report: Report) -> Markup:
    bins = bin_minutes(report)
    if bins is None:
        return Markup("")
    picture = draw_curve(bins, "The outbreak over time", "minutes")
    return make_section("The outbreak over time", make_paragraph(describe_curve(bins)), picture)


def _draw_passings(report: Report) -> Markup:
    passings = rank_passings(report.traffic.passings if report.traffic else ())
    if not passings:
        return Markup("")
    nodes, titles = plant_tree(passings), map_titles(report)
    told = "A host that got what infects and then went on with it has it from the last one who sent it before."
    if len(nodes) >= MOST_NODES:
        told += f" Only the first {MOST_NODES} hosts are drawn."
    listed = make_list([make_quote(tell_passing(one, titles)) for one in passings[:MOST_PASSINGS]])
    more = len(passings) - MOST_PASSINGS
    rest = make_paragraph(f"… and {format_count(more)} more: see the JSON report.") if more > 0 else Markup("")
    return make_section("Who infected whom", make_paragraph(told), draw_tree(nodes), listed, rest)


def _draw_limits(report: Report) -> Markup:
    traffic = report.traffic
    if traffic is None or not (traffic.blind or traffic.forgotten):
        return Markup("")
    said = [*traffic.blind, *(f"forgotten: {one}" for one in traffic.forgotten)]
    return make_section("What could not be seen of the network", make_list([escape_html(one) for one in said]))
