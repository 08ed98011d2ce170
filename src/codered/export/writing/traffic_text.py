"""The network in a text report: who scans, how the threat passed from host to host, what could not be seen."""

from codered.export.writing.escaping import legible
from codered.export.writing.layout import Column, lay_out_table, wrap
from codered.export.writing.paint import Paint
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

MOST_ROWS = 50
MOST_LIMITS = 20

_COLUMNS = (
    Column(WHO[0], 22, least=15),
    Column(WHO[1], 8),
    Column(WHO[2], 10),
    Column(WHO[3], 14, least=8),
    Column(WHO[4], 9, "right"),
    Column(WHO[6], 8, "right"),
    Column(WHO[7], 19, least=10),
)
_SHOWN = (0, 1, 2, 3, 4, 6, 7)


def write_traffic(report: Report, paint: Paint) -> list[str]:
    """The section, [] when no traffic was looked at."""
    if report.traffic is None:
        return []
    lines = paint.head("Network behaviour")
    lines += wrap(legible(f"seen: {tell_extent(report)}"), first="  ", rest="    ")
    scanners = rank_scanners(report)
    if scanners:
        rows = [tuple(legible(list_scanner_cells(one)[at], 200) for at in _SHOWN) for one in scanners[:MOST_ROWS]]
        lines += [*lay_out_table(_COLUMNS, rows), *_tell_more(len(scanners))]
    else:
        lines.append("  nobody scans")
    return [*lines, *_write_limits(report), *_write_passings(report, paint)]


def _write_passings(report: Report, paint: Paint) -> list[str]:
    passings = rank_passings(report.traffic.passings if report.traffic else ())
    if not passings:
        return []
    titles = map_titles(report)
    lines = paint.head(f"Who infected whom: {count_of(len(passings), 'passing')} seen")
    for one in passings[:MOST_ROWS]:
        lines += wrap(legible(tell_passing(one, titles)), first="  ", rest="      ")
    return lines + _tell_more(len(passings))


def _write_limits(report: Report) -> list[str]:
    traffic = report.traffic
    if traffic is None:
        return []
    said = [*(f"not seen: {one}" for one in traffic.blind), *(f"forgotten: {one}" for one in traffic.forgotten)]
    return [line for one in said[:MOST_LIMITS] for line in wrap(legible(one), first="  ", rest="    ")]


def _tell_more(total: int) -> list[str]:
    return [f"  … and {format_count(total - MOST_ROWS)} more (see --json)"] if total > MOST_ROWS else []
