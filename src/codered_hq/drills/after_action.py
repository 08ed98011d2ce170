"""The after-action report of a drill: the score, the curve, what was answered, who was cut off, and what is learned."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from codered.export.writing.escaping import Markup, escape_html, printable
from codered.export.writing.page_parts import make_cell, make_facts, make_paragraph, make_section, make_table
from codered_hq.drills.charts import draw_lines, list_lines
from codered_hq.drills.history import find_before
from codered_hq.drills.models import TABLETOP, Drill, Inject
from codered_hq.drills.ranges import read_kept
from codered_hq.drills.scoring import CutOff, Measure, Score, list_cut_off, score
from codered_hq.reporting.frame import Frame, Head, fill_page
from codered_hq.reporting.printing import make_pdf
from codered_hq.reporting.words import cut
from codered_hq.reporting.writing import write_bytes

FORMS: Final = ("html", "pdf", "text")
HTML_NAME: Final = "after-action.html"
TEXT_NAME: Final = "after-action.txt"
MOST_CUT: Final = 200
"""Machines that a report names; of more it tells how many."""
_LIGHT: Final = "TLP:AMBER"


class AfterAction(NamedTuple):
    """All that the report tells; `before`: the score of the drill before (None = the first of its kind)."""

    drill: Drill
    injects: list[Inject]
    cut: list[CutOff]
    score: Score
    before: Score | None
    lessons: list[str]
    at: datetime


def gather(drill: Drill, folder: Path, at: datetime) -> AfterAction:
    """What is to be told at this time (aware); of a drill that has ended, at its end. Raises WrongUse."""
    at = min(at, drill.ended_at) if drill.ended_at else at
    injects = list(drill.injects.filter(due_at__lte=at).order_by("due_at", "number"))
    made = score(drill, at)
    rows = drill.incident.lessons.filter(at__gte=drill.started_at).order_by("pk") if drill.incident else ()
    lessons = [row.text for row in rows]
    return AfterAction(drill, injects, list_cut_off(drill, at), made, find_before(folder, made), lessons, at)


def write_text(found: AfterAction) -> str:
    """The report as text."""
    drill, made = found.drill, found.score
    lines = [f"After-action report: {drill.title} ({drill.name})", _tell_time(found), _tell_total(found), "", "Score"]
    lines += [
        f"{one.points:5g} of {one.weight:2}  {one.title}: {tell_value(one)}; target {one.target}; {one.how}"
        for one in made.measures
    ]
    if drill.kind == TABLETOP:
        lines += ["", "What happened"]
    for one in found.injects:
        lines.append(f"{one.due_at:%H:%M} UTC  {one.number} {one.kind} to {one.to}: {one.text}")
        lines.append(f"           {_tell_answer(one)}")
        lines += [f"           A good team: {one.expected}"] if one.expected else []
    lines += ["", "Cut off", *(f"{_tell_span(one)}  {one.name}: {_judge(one)}" for one in found.cut[:MOST_CUT])]
    lines += _tell_rest(found)
    lines += ["", "Lessons", *(f"- {text}" for text in found.lessons or ["none was opened"])]
    return "".join(f"{printable(line)}\n" for line in lines)


def write_html(found: AfterAction) -> str:
    """The report as a page that needs nothing else; the PDF is made from it. Every value is escaped."""
    drill = found.drill
    frame = Frame("status", "After-action report", f"drill {drill.name}, seed {drill.seed}")
    head = Head(
        frame, cut(f"After-action report · drill {drill.name}", 110), drill.title, _tell_time(found), _LIGHT, drill=True
    )
    lessons = [make_paragraph(text) for text in found.lessons] or [make_paragraph("None was opened.")]
    sections = (
        make_section("How it went", make_paragraph(_tell_total(found)), _draw_facts(drill)),
        make_section("Score", _draw_score(found)),
        *(_draw_what_was_played(found) if drill.kind == TABLETOP else ()),
        make_section("Cut off", _draw_cut(found), *map(make_paragraph, _tell_rest(found))),
        make_section("Lessons", *lessons),
    )
    return fill_page(head, sections)


def keep_report(drill: Drill, folder: Path, at: datetime) -> None:
    """Lay it into the drill's folder: the real headquarters reads it there. Raises WrongUse."""
    found = gather(drill, folder, at)
    write_bytes(folder / HTML_NAME, write_html(found).encode())
    write_bytes(folder / TEXT_NAME, write_text(found).encode())


def render_kept(folder: Path, form: str) -> bytes:
    """The report that lies in a drill's folder, in one of FORMS. Raises WrongUse, also where it can't be printed."""
    if form == "text":
        return read_kept(folder / TEXT_NAME)
    page = read_kept(folder / HTML_NAME)
    return make_pdf(page.decode()) if form == "pdf" else page


def tell_value(one: Measure) -> str:
    """A number with its unit."""
    return "never" if one.value is None else f"{one.value:g} {one.unit}"


def _tell_time(found: AfterAction) -> str:
    drill = found.drill
    ended = f"ended {drill.ended_at:%H:%M} UTC" if drill.ended_at else "goes on"
    how = f"{drill.speed:g} played seconds in a real one" if drill.kind == TABLETOP else "in the laboratory"
    return f"began {drill.started_at:%Y-%m-%d %H:%M} UTC, {ended}, {how}"


def _tell_total(found: AfterAction) -> str:
    before = f"; the drill before, {found.before.drill}: {found.before.total:g}" if found.before else "; the first one"
    made = found.score
    scaled = f"; {made.weight} can be won in a {made.kind}, scaled to 100" if made.weight != 100 else ""
    return f"{made.total:g} of 100 points{scaled}{before}"


def _tell_answer(one: Inject) -> str:
    if one.answered_at is None:
        return "not answered" if one.minutes else "no answer was asked for"
    late = bool(one.minutes) and one.answered_at > one.due_at + timedelta(minutes=one.minutes)
    return f"{one.answered_at:%H:%M} UTC, {one.answered_by}{' (late)' if late else ''}: {one.answer}"


def _tell_span(one: CutOff) -> str:
    return f"{one.at:%H:%M} UTC to {f'{one.back:%H:%M} UTC' if one.back else 'the end'}"


def _judge(one: CutOff) -> str:
    return "infected" if one.infected else "healthy, cut off in vain"


def _tell_rest(found: AfterAction) -> list[str]:
    """What the list of those cut off does not show."""
    rest = len(found.cut) - MOST_CUT
    return [f"and {rest:,} more"] if rest > 0 else [] if found.cut else ["nobody was"]


def _draw_what_was_played(found: AfterAction) -> tuple[Markup, Markup]:
    chart = draw_lines(list_lines(found.drill, found.at), "Infected machines over the drill", "after-action")
    return (
        make_section("Infected machines", chart),
        make_section("What happened, and what was answered", _draw_injects(found)),
    )


def _draw_cut(found: AfterAction) -> Markup:
    rows = [
        [
            make_cell(f"{one.at:%H:%M}", "time"), make_cell(f"{one.back:%H:%M}" if one.back else "", "time"),
            make_cell(one.name), make_cell(_judge(one), "" if one.infected else "bad"),
        ]
        for one in found.cut[:MOST_CUT]
    ]  # fmt: skip
    return make_table("Machines", ("At (UTC)", "Back", "Machine", "In truth"), rows) if rows else Markup("")


def _draw_facts(drill: Drill) -> Markup:
    about = str(drill.scenario.get("about", ""))
    incident = drill.incident.name if drill.incident else "none was declared"
    return make_facts([("Scenario", escape_html(about)), ("Incident", escape_html(incident))])


def _draw_score(found: AfterAction) -> Markup:
    before = {one.name: one for one in found.before.measures} if found.before else {}
    rows = [
        [
            make_cell(one.title), make_cell(tell_value(one)), make_cell(one.target, "bad" if one.missed else ""),
            make_cell(f"{one.points:g} of {one.weight}", "number"),
            make_cell(f"{before[one.name].points:g}" if one.name in before else "", "number"), make_cell(one.how),
        ]
        for one in found.score.measures
    ]  # fmt: skip
    return make_table("Each number", ("What", "Value", "Target", "Points", "Before", "How it is counted"), rows)


def _draw_injects(found: AfterAction) -> Markup:
    if not found.injects:
        return make_paragraph("Nothing was told.")
    rows = [
        [
            make_cell(f"{one.due_at:%H:%M}", "time"), make_cell(f"{one.kind} to {one.to.replace('_', ' ')}"),
            make_cell(one.text), make_cell(_tell_answer(one)), make_cell(one.expected),
        ]
        for one in found.injects
    ]  # fmt: skip
    return make_table("Injects", ("At (UTC)", "What", "Text", "Answer", "What a good team does"), rows)
