"""A whole response as one page that needs nothing else, in the frame and with the look of a report."""

from codered.export.plan_actions import write_action
from codered.export.responses.text import describe_evidence_kept
from codered.export.responses.wording import (
    ADVICES,
    MEANINGS,
    REMNANTS,
    SIDES,
    TITLES,
    name_state,
    name_verdict,
    tell_next,
)
from codered.export.writing.escaping import Markup, element, encode_entities, escape_html, join_markup
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
from codered.export.writing.paint import Paint
from codered.export.writing.words import capitalise, count_of, format_seconds, format_time
from codered.model.response import Response

MOST_ROWS = 1000


def render_response_html(response: Response) -> str:
    """The response as a page. Every value is escaped; what was found on the machine is written as numeric entities."""
    word, look, story = name_verdict(response)
    sections = [
        _draw_decision(response),
        _draw_steps(response),
        _draw_verification(response),
        make_section("Findings before", draw_findings(response.report))
        if response.report and response.report.findings
        else Markup(""),
        _draw_plan(response),
        _draw_evidence(response),
        _draw_next(response),
    ]
    host = response.report.target.host or response.report.target.root if response.report else "a host"
    return draw_page(
        Page(
            title=f"{word}: response on {host}",
            verdict=look,
            word=word,
            story=capitalise(story),
            facts=_draw_facts(response),
            sections=tuple(sections),
            made_by=f"{response.tool}, response {response.id}",
        )
    )


def _draw_facts(response: Response) -> Markup:
    target = response.report.target if response.report else None
    return make_facts(
        [
            ("Host", escape_html(target.host if target else "")),
            ("Root", make_quote(target.root) if target else Markup("")),
            ("Begun", escape_html(f"{format_time(response.created)} UTC")),
            ("Response", escape_html(response.id)),
            ("Plan", escape_html(response.plan.id if response.plan else "")),
            ("Before", escape_html(response.report.verdict if response.report else "")),
        ]
    )


def _draw_decision(response: Response) -> Markup:
    sheet = response.decision
    if sheet is None:
        return Markup("")
    rows = [
        [
            make_cell(question.asks),
            Cell(encode_entities(capitalise(question.answer))),
            Cell(encode_entities(", ".join(question.sources))),
            make_cell(SIDES[question.speaks_for]),
        ]
        for question in sheet.questions
    ]
    word, _, _ = ADVICES[sheet.advice]
    reasons = make_list([encode_entities(capitalise(reason)) for reason in sheet.reasons])
    table = make_table("What the advice stands on", ("Question", "Answer", "From", "Speaks for"), rows)
    name = "warning" if sheet.advice != "clean" else ""
    return make_section(f"Clean or rebuild: {word}", reasons, table, name=name)


def _draw_steps(response: Response) -> Markup:
    rows = [
        [
            make_cell(TITLES[step.name]),
            make_cell(MEANINGS[step.name]),
            make_cell(f"{format_time(step.began)}", "time"),
            make_cell(format_seconds(step.seconds), "number"),
            make_cell(f"{name_state(step)}, exit code {step.code}"),
            Cell(make_list([encode_entities(told) for told in step.told])),
        ]
        for step in response.steps
    ]
    headings = ("Step", "What for", "Begun (UTC)", "Time", "How it ended", "What came of it")
    return make_section("Steps", make_table("In this order", headings, rows)) if rows else Markup("")


def _draw_verification(response: Response) -> Markup:
    found = response.verification
    if found is None:
        return Markup("")
    rows = [
        [Cell(make_quote(each.what)), make_cell(REMNANTS[each.kind]), Cell(encode_entities(each.because))]
        for each in found.remnants[:MOST_ROWS]
    ]
    told = make_paragraph(f"Looked at again {format_time(found.checked)} UTC: {found.answer}.")
    table = make_table(count_of(len(found.remnants), "thing"), ("What", "Answer", "Why"), rows) if rows else Markup("")
    reboot = make_list([encode_entities(f"A start of the host is due: {each}") for each in found.reboot])
    name = "warning" if found.answer != "clean" else ""
    return make_section(f"Verified: {found.answer}", told, reboot, table, name=name)


def _draw_plan(response: Response) -> Markup:
    plan = response.plan
    if plan is None:
        return Markup("")
    done = response.verification is not None
    actions = [
        element(
            "pre", join_markup([encode_entities(line) for line in write_action(number, action, Paint(False))], "\n")
        )
        for number, action in enumerate(plan.actions[:MOST_ROWS], 1)
    ]
    left = [
        element("div", make_quote(each.what), escape_html(": "), encode_entities(each.because))
        for each in plan.left_alone[:MOST_ROWS]
    ]
    parts = [
        make_paragraph(f"{count_of(len(plan.actions), 'change')}; digest {plan.digest}"),
        *actions,
        *([element("h3", escape_html("Left alone")), make_list(left)] if left else []),
        *([element("h3", escape_html("Advice"))] if plan.advice else []),
        make_list([encode_entities(line) for line in plan.advice]),
    ]
    return make_section("What was done" if done else "What is planned", *parts)


def _draw_evidence(response: Response) -> Markup:
    if response.evidence is None:
        return Markup("")
    told = element("p", encode_entities(capitalise(describe_evidence_kept(response.evidence))))
    return make_section("Evidence", told, name="" if response.evidence.id else "warning")


def _draw_next(response: Response) -> Markup:
    following = tell_next(response)
    return (
        make_section("What is next", make_list([encode_entities(line) for line in following]))
        if following
        else Markup("")
    )
