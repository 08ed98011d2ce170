"""A verification, a decision sheet and a whole response as text: 100 columns, the first line says what it means."""

from codered.export.reports.text import render_text
from codered.export.responses.wording import (
    ADVICES,
    ANSWERS,
    MEANINGS,
    SIDES,
    TITLES,
    name_remnant,
    name_state,
    name_verdict,
    tell_next,
)
from codered.export.writing.escaping import legible
from codered.export.writing.layout import wrap
from codered.export.writing.paint import Paint
from codered.export.writing.words import capitalise, count_of, format_bytes, format_seconds, format_time
from codered.model.response import DecisionSheet, EvidenceKept, Response, StepDone, Verification

_MOST = 4000
MOST_REMNANTS = 200


def render_verification(verification: Verification, colour: bool = False) -> str:
    """The answer and why in the first line, then each reason, then the report of the new look."""
    paint = Paint(colour)
    word, shade, _ = ANSWERS[verification.answer]
    lines = paint.shade_start(wrap(legible(f"{word}: {verification.because}", _MOST)), f"{word}:", shade)
    if verification.remnants:
        lines += paint.head("Why")
        for remnant in verification.remnants[:MOST_REMNANTS]:
            lines += wrap(legible(name_remnant(remnant), _MOST), first="  - ", rest="    ")
        if len(verification.remnants) > MOST_REMNANTS:
            lines.append(f"  … and {len(verification.remnants) - MOST_REMNANTS} more: see --json")
    if verification.reboot:
        lines += paint.head("A start of the host is due")
        for reason in verification.reboot:
            lines += wrap(legible(reason, _MOST), first="  - ", rest="    ")
    lines += paint.head("The new look")
    return "\n".join(lines) + "\n" + render_text(verification.report, colour)


def render_decision(sheet: DecisionSheet, colour: bool = False) -> str:
    """The advice, its reasons in order, and every question with its answer and where that comes from."""
    paint = Paint(colour)
    word, shade, _ = ADVICES[sheet.advice]
    lines = paint.head("Clean or rebuild")
    lines.append(paint.shade(word, shade))
    for reason in sheet.reasons:
        lines += wrap(legible(capitalise(reason), _MOST), first="  - ", rest="    ")
    lines.append("")
    for question in sheet.questions:
        lines += wrap(legible(question.asks, _MOST), first="  ", rest="  ")
        side = f" [{SIDES[question.speaks_for]}]" if question.speaks_for else ""
        source = f" (from: {', '.join(question.sources)})" if question.sources else ""
        lines += wrap(legible(f"{question.answer}{source}{side}", _MOST), first="      ", rest="      ")
    return "\n".join([*lines, ""])


def render_step_head(number: int, name: str, meaning: str) -> str:
    """The heading of a step as it begins."""
    return f"\n{number}. {name}\n{meaning}\n\n"


def render_step_end(step: StepDone) -> str:
    """What a step came to: its lines, how it ended, its exit code and time."""
    lines = [line for told in step.told for line in wrap(legible(told, _MOST), first="   ", rest="   ")]
    ended = f"   → {TITLES[step.name]}: {name_state(step)}, exit code {step.code}, {format_seconds(step.seconds)}"
    return "\n".join([*lines, ended, ""])


def render_response(response: Response, colour: bool = False) -> str:
    """The whole response: how the host stands, the steps, evidence, the decision sheet, what is next."""
    paint = Paint(colour)
    word, _, story = name_verdict(response)
    lines = wrap(legible(f"{word}: {story}", _MOST))
    lines += [
        "",
        f"Response {legible(response.id, 80)}, begun {format_time(response.created)} UTC with {legible(response.tool)}",
    ]
    lines += paint.head("Steps")
    for number, step in enumerate(response.steps, 1):
        state = f"{name_state(step)}, exit code {step.code}, {format_seconds(step.seconds)}"
        lines.append(f"  {number}. {TITLES[step.name]}: {state}")
        lines += wrap(MEANINGS[step.name], first="     ", rest="     ")
        for told in step.told:
            lines += wrap(legible(told, _MOST), first="     - ", rest="       ")
    if response.evidence is not None:
        lines += paint.head("Evidence")
        lines += wrap(legible(describe_evidence_kept(response.evidence), _MOST), first="  ", rest="  ")
    text = "\n".join(lines) + "\n"
    if response.decision is not None:
        text += render_decision(response.decision, colour)
    following = tell_next(response)
    if following:
        lines = paint.head("What is next")
        for line in following:
            lines += wrap(legible(line, _MOST), first="  - ", rest="    ")
        text += "\n".join([*lines, ""])
    return text


def describe_evidence_kept(evidence: EvidenceKept) -> str:
    """The evidence in a sentence, unescaped."""
    if evidence.skipped:
        return f"none was collected: {evidence.skipped}"
    whole = "" if evidence.complete else "; NOT complete"
    size = f"{count_of(evidence.items, 'item')}, {format_bytes(evidence.bytes)}"
    return f"{evidence.id}: {size}, in {evidence.place}; head of the custody log {evidence.head}{whole}"
