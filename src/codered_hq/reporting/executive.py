"""The executive summary: one page, what it costs the business first, no jargon."""

from collections.abc import Iterable

from codered.export.writing.escaping import Markup, element, escape_html
from codered.export.writing.page_parts import make_facts, make_list, make_paragraph, make_section
from codered_hq.reporting.charts import draw_chart
from codered_hq.reporting.document import StatusReport
from codered_hq.reporting.frame import Frame
from codered_hq.reporting.page import draw_numbers, frame_page
from codered_hq.reporting.story_telling import draw_story, list_lessons, tell_lessons, tell_story
from codered_hq.reporting.words import (
    FIVE,
    cut,
    mark_tlp,
    name_number,
    name_word,
    tell_count,
    tell_number,
    tell_reached,
    tell_roles,
    tell_time,
)

MOST_AREAS = 5
MOST_DECISIONS = 3
MOST_LESSONS = 3
MOST_ANSWER = 100  # characters
ROOMY = 1_600  # characters of text
TIGHT = 2_100  # then letters are small
CROWDED = 700  # characters about what the business loses: then there is no room for the curve


def write_executive(status: StatusReport) -> str:
    """The page; longer texts are cut with …, so that it stays one. One with little to say is printed larger."""
    sections = (
        _draw_happened(status),
        draw_story(status, MOST_ANSWER),
        _draw_impact(status),
        draw_numbers(status),
        _draw_decisions(status),
        list_lessons(status, MOST_LESSONS) if status.story.learned else _draw_done(status),
        _draw_next(status),
    )
    contact = f"Declared by {cut(status.declared_by, 60)}. The full status report has every detail."
    size = _count_text(sections)
    kind = "executive roomy" if size < ROOMY else "executive tight" if size > TIGHT else "executive"
    return frame_page(status, Frame(kind, "Executive summary", contact), sections)


def _count_text(sections: Iterable[Markup]) -> int:
    """How many characters people read of it, about."""
    return sum(len(piece.partition(">")[2]) for section in sections for piece in section.split("<"))


def tell_executive(status: StatusReport) -> str:
    """The same in a few lines for a terminal."""
    numbers = status.numbers
    light = f"{mark_tlp(status)}{'   *** DRILL ***' if status.drill else ''}"
    lines = [light, cut(status.title, 110), f"as of {tell_time(status.at)}", ""]
    lines += [cut(status.summary, 420)] if status.summary else []
    lines += [f"  {asked}: {answer}" for asked, answer in tell_story(status)]
    lines += [f"  {cut(area, 28)}: {cut(text, 170)}" for area, text in list(status.impact.items())[:MOST_AREAS]]
    lines += [f"{getattr(numbers, name):>9,}  {_tell_number(name, status)}" for name in FIVE]
    lines += [f"  {line}" for line in _tell_done(status)]
    lines += [tell_reached(status), f"{tell_count(status.waiting_of, 'decision')} waiting for a yes"]
    lines += [f"  lesson: {line}" for line in tell_lessons(status)[:MOST_LESSONS]]
    return "\n".join([*lines, *_tell_next(status), light]) + "\n"


def _tell_number(name: str, status: StatusReport) -> str:
    note = tell_number(name, status)
    return name_number(name, status) + (f" ({note})" if note else "")


def _draw_happened(status: StatusReport) -> Markup:
    """What it is, since when, and how it went."""
    declared = f"Declared on {tell_time(status.declared_at)}, severity {cut(status.severity, 20)}."
    known = f" The threat is known: {cut(', '.join(status.packs), 60)}." if status.packs else ""
    parts = [element("p", escape_html(cut(status.summary, 240)), class_="lead")] if status.summary else []
    crowded = _count_text(parts) + sum(map(len, [*status.impact, *status.impact.values()])) > CROWDED
    chart = [draw_chart(status.curve)] if status.curve and not crowded else []
    return make_section("What happened", *parts, make_paragraph(declared + known), *chart)


def _draw_done(status: StatusReport) -> Markup:
    return make_section("What is done", make_paragraph("; ".join(_tell_done(status)) + "."))


def _tell_done(status: StatusReport) -> list[str]:
    numbers = status.numbers
    told = [
        f"{tell_count(numbers.contained, 'machine')} cut off from the network, {numbers.verified:,} proved clean"
        + (f", {numbers.cleaned:,} cleaned and not proved yet" if numbers.cleaned else "")
    ]
    here = next((each for each in status.steps if each.now), None)
    if here is not None:
        dropped = f", {here.dropped:,} dropped" if here.dropped else ""
        told.append(
            f"{here.done:,} of {tell_count(here.done + here.left + here.dropped, 'task')} of this step done{dropped}"
        )
    late = sum(each.overdue for each in status.tasks)
    left = sum(each.open + each.claimed + each.blocked for each in status.tasks)
    told.append(f"{tell_count(left, 'task')} left in all" + (f", {late:,} of them late" if late else ""))
    return told


def _draw_impact(status: StatusReport) -> Markup:
    areas = list(status.impact.items())
    facts = [(cut(area, 28), escape_html(cut(text, 100))) for area, text in areas[:MOST_AREAS]]
    parts = [make_facts(facts)] if facts else []
    if len(areas) > MOST_AREAS:
        parts.append(make_paragraph(f"… and {len(areas) - MOST_AREAS} more areas in the status report."))
    return make_section("What it costs the business", *(parts or [make_paragraph("Not known yet.")]))


def _draw_decisions(status: StatusReport) -> Markup:
    if not status.waiting_of:
        return make_section("What is asked of you", make_paragraph("Nothing: no decision waits."))
    items = [
        escape_html(
            cut(f"{name_word('kinds', each.kind)}, {tell_count(each.machines, 'machine')}: {each.target}", 64)
            + " – "
            + cut(f"waits for {tell_roles(each.missing)}", 60)
            + f" until {tell_time(each.expires_at)}"
        )
        for each in status.waiting[:MOST_DECISIONS]
    ]
    more = status.waiting_of - len(items)
    rest = make_paragraph(f"… and {more:,} more.") if more > 0 else Markup("")
    return make_section("What is asked of you", make_list(items), rest)


def _draw_next(status: StatusReport) -> Markup:
    return make_section("What happens next", make_paragraph(" ".join(_tell_next(status))))


def _tell_next(status: StatusReport) -> list[str]:
    told = [f"We are {name_word('steps', cut(status.step, 40))}."]
    coming = sorted(each.undo_at for each in status.containments if each.undo_at and each.undo_at > status.at)
    if coming:
        told.append(f"The next machine that was cut off comes back by itself on {tell_time(coming[0])}.")
    if status.stuck:
        told.append(f"{tell_count(status.stuck, 'cut-off')} can't be taken back at the moment; we keep trying.")
    ended = "The incident is closed." if status.closed_at else f"Next report: {tell_time(status.next_report_at)}."
    return [*told, ended]
