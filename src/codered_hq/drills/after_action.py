"""The after-action report of a drill: what happened and what was answered, the curve, the score, what is learned."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from codered.export.writing.escaping import Markup, escape_html, printable
from codered.export.writing.page_parts import make_cell, make_facts, make_paragraph, make_section, make_table
from codered_hq.drills.charts import draw_lines, list_lines
from codered_hq.drills.history import read_history
from codered_hq.drills.models import Drill, Inject
from codered_hq.drills.ranges import read_kept
from codered_hq.drills.scoring import Measure, Score, score
from codered_hq.reporting.frame import Frame, Head, fill_page
from codered_hq.reporting.printing import make_pdf
from codered_hq.reporting.words import cut
from codered_hq.reporting.writing import write_bytes

FORMS: Final = ("html", "pdf", "text")
HTML_NAME: Final = "after-action.html"
TEXT_NAME: Final = "after-action.txt"
_LIGHT: Final = "TLP:AMBER"


class AfterAction(NamedTuple):
    """All that the report tells; `before`: the score of the drill before (None = the first)."""

    drill: Drill
    injects: list[Inject]
    score: Score
    before: Score | None
    lessons: list[str]
    at: datetime


def gather(drill: Drill, folder: Path, at: datetime) -> AfterAction:
    """What is to be told at this time (aware); of a drill that has ended, at its end. Raises WrongUse."""
    at = min(at, drill.ended_at) if drill.ended_at else at
    injects = list(drill.injects.filter(due_at__lte=at).order_by("due_at", "number"))
    earlier = [each for each in read_history(folder) if each.drill != drill.name]
    rows = drill.incident.lessons.filter(at__gte=drill.started_at).order_by("pk") if drill.incident else ()
    return AfterAction(
        drill, injects, score(drill, at), earlier[-1] if earlier else None, [row.text for row in rows], at
    )


def write_text(found: AfterAction) -> str:
    """The report as text."""
    drill, made = found.drill, found.score
    lines = [f"After-action report: {drill.title} ({drill.name})", _tell_time(found), _tell_total(found), "", "Score"]
    lines += [
        f"{one.points:5g} of {one.weight:2}  {one.title}: {tell_value(one)}; target {one.target}; {one.how}"
        for one in made.measures
    ]
    lines += ["", "What happened"]
    for one in found.injects:
        lines.append(f"{one.due_at:%H:%M} UTC  {one.number} {one.kind} to {one.to}: {one.text}")
        lines.append(f"           {_tell_answer(one)}")
        lines += [f"           A good team: {one.expected}"] if one.expected else []
    lines += ["", "Lessons", *(f"- {text}" for text in found.lessons or ["none was opened"])]
    return "".join(f"{printable(line)}\n" for line in lines)


def write_html(found: AfterAction) -> str:
    """The report as a page that needs nothing else; the PDF is made from it. Every value is escaped."""
    drill = found.drill
    frame = Frame("status", "After-action report", f"drill {drill.name}, seed {drill.seed}")
    head = Head(
        frame, cut(f"After-action report · drill {drill.name}", 110), drill.title, _tell_time(found), _LIGHT, drill=True
    )
    chart = draw_lines(list_lines(drill, found.at), "Infected machines over the drill", "after-action")
    lessons = [make_paragraph(text) for text in found.lessons] or [make_paragraph("None was opened.")]
    sections = (
        make_section("How it went", make_paragraph(_tell_total(found)), _draw_facts(drill)),
        make_section("Score", _draw_score(found)),
        make_section("Infected machines", chart),
        make_section("What happened, and what was answered", _draw_injects(found)),
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
    return f"began {drill.started_at:%Y-%m-%d %H:%M} UTC, {ended}, {drill.speed:g} played seconds in a real one"


def _tell_total(found: AfterAction) -> str:
    before = f"; the drill before, {found.before.drill}: {found.before.total:g}" if found.before else "; the first one"
    return f"{found.score.total:g} of 100 points{before}"


def _tell_answer(one: Inject) -> str:
    if one.answered_at is None:
        return "not answered" if one.minutes else "no answer was asked for"
    late = bool(one.minutes) and one.answered_at > one.due_at + timedelta(minutes=one.minutes)
    return f"{one.answered_at:%H:%M} UTC, {one.answered_by}{' (late)' if late else ''}: {one.answer}"


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
