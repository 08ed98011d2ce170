"""The status document -> one HTML page that needs nothing else: no script, no request. The PDF is made from it."""

from collections.abc import Sequence

from codered.export.writing.escaping import Markup, element, escape_html
from codered.export.writing.page_parts import (
    Cell,
    make_cell,
    make_facts,
    make_paragraph,
    make_section,
    make_table,
)
from codered_hq.reporting.charts import draw_chart
from codered_hq.reporting.document import Holding, StatusReport
from codered_hq.reporting.frame import Frame, Head, fill_page
from codered_hq.reporting.story_telling import draw_lessons, draw_story
from codered_hq.reporting.words import (
    cut,
    mark_tlp,
    name_number,
    name_word,
    tell_count,
    tell_moment,
    tell_number,
    tell_reached,
    tell_roles,
    tell_time,
)

MOST_ROWS = 25  # of a table; the JSON has more
MOST_WHOLE = 20  # characters
MOST_TEXT = 2000


def write_page(status: StatusReport) -> str:
    """The page. Every value is escaped: names of hosts, subnets and people may be hostile."""
    sections = (
        _draw_summary(status),
        draw_story(status),
        draw_numbers(status),
        _draw_changes(status),
        _draw_stuck(status),
        _draw_curve(status),
        _draw_waiting(status),
        _draw_containments(status),
        _draw_gaps(status),
        _draw_tasks(status),
        _draw_steps(status),
        draw_lessons(status, MOST_ROWS),
        _draw_undelivered(status),
    )
    head = (
        f"ledger head {status.ledger_head[:64]} (entry {status.ledger_seq:,})" if status.ledger_head else "ledger empty"
    )
    return frame_page(status, Frame("status", "Status report", head), sections)


def frame_page(status: StatusReport, frame: Frame, sections: Sequence[Markup]) -> str:
    """A page with the traffic light and the drill's banner above and below."""
    ended = (
        f"closed {tell_time(status.closed_at)}"
        if status.closed_at
        else f"next report {tell_time(status.next_report_at)}"
    )
    when = f"As of {tell_time(status.at)} · declared {tell_time(status.declared_at)} · {ended}"
    what = cut(f"{frame.what} · incident {status.incident} · severity {cut(status.severity, 20)}", 110)
    head = Head(frame, what, status.title, when, mark_tlp(status), drill=status.drill)
    return fill_page(head, sections)


def draw_numbers(status: StatusReport) -> Markup:
    """The five numbers as cards, and what is not known as a sentence."""
    numbers = status.numbers
    cards = (
        ("infected", numbers.infected, f"and {numbers.suspect:,} suspected"),
        ("contained", numbers.contained, tell_count(status.containments_of, "containment") + " in place"),
        ("verified", numbers.verified, f"and {numbers.cleaned:,} cleaned, not verified yet"),
        ("not_reached", numbers.not_reached, f"and {numbers.not_covered:,} addresses not covered"),
        ("awaiting", numbers.awaiting, "decisions that wait for a yes"),
    )
    items = [
        element(
            "li",
            escape_html(name_number(name, status)),
            element("span", escape_html(f"{value:,}"), class_="value"),
            element("span", escape_html("; ".join(filter(None, (more, tell_number(name, status))))), class_="more"),
            class_=name,
        )
        for name, value, more in cards
    ]
    return make_section("Where we stand", element("ul", *items, class_="cards"), make_paragraph(tell_reached(status)))


def _draw_summary(status: StatusReport) -> Markup:
    parts = [element("p", escape_html(status.summary[:MOST_TEXT]), class_="lead")] if status.summary else []
    impact = [(cut(area, 60), escape_html(cut(text, 400))) for area, text in list(status.impact.items())[:MOST_ROWS]]
    if not (parts or impact):
        parts = [make_paragraph("Nobody has said yet what this costs the business.")]
    return make_section("Business impact", *parts, make_facts(impact) if impact else Markup(""))


def _draw_changes(status: StatusReport) -> Markup:
    if status.last_report_at is None:
        return Markup("")
    since = f"Since the last report ({tell_time(status.last_report_at)})"
    if not status.changes:
        return make_section(since, make_paragraph("No number has changed."))
    told = [
        f"{name_word('numbers', each.what)}: {each.before:,} → {each.after:,} ({each.after - each.before:+,})"
        for each in status.changes[:MOST_ROWS]
    ]
    return make_section(since, make_paragraph("; ".join(told) + "."))


def _draw_stuck(status: StatusReport) -> Markup:
    late = [each for each in status.containments if each.state == "stuck"]
    if not late:
        return Markup("")
    titles = ("Where", "Host", "Should have come back (UTC)", "Why not")
    rows = [
        [
            _make_name(each.place),
            _make_name(each.host),
            make_cell(tell_moment(each.undo_at), "time"),
            make_cell(cut(each.error or name_word("states", each.state), 200), "bad"),
        ]
        for each in late[:MOST_ROWS]
    ]
    caption = f"{tell_count(max(status.stuck, len(late)), 'containment')}: tried again until it works"
    return make_section("Can't be taken back", make_table(caption, titles, rows), name="alarm")


def _draw_waiting(status: StatusReport) -> Markup:
    if not status.waiting_of:
        return make_section("Decisions that wait", make_paragraph("None."))
    titles = ("Decision", "What", "Machines", "Whose yes is missing", "Expires (UTC)", "Asked by")
    rows = [
        [
            make_cell(each.uid[:8], "time"),
            make_cell(cut(f"{name_word('kinds', each.kind)}: {each.target}", 120)),
            make_cell(f"{each.machines:,}", "number"),
            make_cell(cut(tell_roles(each.missing), 120)),
            make_cell(tell_moment(each.expires_at), "time"),
            make_cell(cut(each.requested_by, 60)),
        ]
        for each in status.waiting[:MOST_ROWS]
    ]
    return make_section("Decisions that wait", make_table(_caption(status.waiting_of, "decision"), titles, rows))


def _draw_containments(status: StatusReport) -> Markup:
    if not status.containments_of:
        return make_section("Containments", make_paragraph("None is in place."))
    titles = ("Where", "Host", "What", "State", "Since (UTC)", "Undoes itself (UTC)")
    rows = [_draw_holding(each) for each in status.containments[:MOST_ROWS]]
    return make_section("Containments", make_table(_caption(status.containments_of, "containment"), titles, rows))


def _draw_holding(each: Holding) -> list[Cell]:
    bad = "bad" if each.state == "stuck" or each.overdue else ""
    undone = tell_moment(each.undo_at) if each.undo_at else "only by hand"
    return [
        _make_name(each.place),
        _make_name(each.host),
        make_cell(name_word("kinds", each.kind)),
        make_cell(
            "due; not read yet" if each.overdue and each.state != "stuck" else name_word("states", each.state), bad
        ),
        make_cell(tell_moment(each.since), "time"),
        make_cell(undone, bad or "time"),
    ]


def _draw_curve(status: StatusReport) -> Markup:
    if status.curve is None:
        return make_section("Outbreak curve", make_paragraph("No host was found infected yet."))
    return make_section("Outbreak curve", draw_chart(status.curve))


def _draw_gaps(status: StatusReport) -> Markup:
    if not status.gaps_of:
        told = "Every known subnet is covered." if status.coverage_complete else "No subnet is known."
        return make_section("Coverage", make_paragraph(told))
    titles = ("Subnet", "Name", "Addresses", "Not covered", "Why")
    rows = [
        [
            make_cell(cut(each.range, 50)),
            make_cell(
                cut(" ".join(filter(None, (each.name, each.site))) or ("" if each.documented else "not documented"), 60)
            ),
            make_cell(f"{each.total:,}", "number"),
            make_cell(f"{each.missing:,}", "number"),
            make_cell(cut("; ".join(each.reasons), 160)),
        ]
        for each in status.gaps[:MOST_ROWS]
    ]
    return make_section("Not covered", make_table(_caption(status.gaps_of, "subnet"), titles, rows))


def _draw_tasks(status: StatusReport) -> Markup:
    if not status.tasks:
        return make_section("Tasks", make_paragraph("None is open."))
    titles = ("Role", "Open", "Claimed", "Blocked", "Overdue")
    rows = [
        [
            make_cell(cut(each.role.replace("_", " ") or "anybody", 40)),
            *(make_cell(f"{value:,}", "number") for value in (each.open, each.claimed, each.blocked, each.overdue)),
        ]
        for each in status.tasks[:MOST_ROWS]
    ]
    return make_section("Tasks", make_table("Tasks that are not done, by role", titles, rows))


def _draw_steps(status: StatusReport) -> Markup:
    titles = ("Step", "", "NIST CSF 2.0", "Tasks done", "Tasks dropped", "Tasks left")
    rows = [
        [
            make_cell(cut(each.step, 20)),
            make_cell("we are here" if each.now else ""),
            make_cell(cut(each.csf, 20)),
            *(make_cell(f"{value:,}", "number") for value in (each.done, each.dropped, each.left)),
        ]
        for each in status.steps[:MOST_ROWS]
    ]
    return make_section("The six steps", make_table("As NIST SP 800-61r3 lays an incident out", titles, rows))


def _draw_undelivered(status: StatusReport) -> Markup:
    if not status.undelivered:
        return Markup("")
    titles = ("Way", "To", "Notices", "State", "Why")
    rows = [
        [
            make_cell(cut(each.way or "none", 40)),
            make_cell(cut(each.to, 60)),
            make_cell(f"{each.notices:,}", "number"),
            make_cell("given up" if each.given_up else "tried again", "bad" if each.given_up else ""),
            make_cell(cut(each.error, 160)),
        ]
        for each in status.undelivered[:MOST_ROWS]
    ]
    return make_section("Notices that did not get through", make_table("Tell these people yourself", titles, rows))


def _make_name(name: str) -> Cell:
    """A short name stays on one line; a long one may be broken anywhere."""
    return make_cell(cut(name, 80), "whole" if len(name) <= MOST_WHOLE else "")


def _caption(number: int, noun: str) -> str:
    shown = f"; the first {MOST_ROWS} of them" if number > MOST_ROWS else ""
    return tell_count(number, noun) + shown
