"""The story of an incident in plain sentences, for pages and terminals."""

from codered.export.writing.escaping import Markup, escape_html
from codered.export.writing.page_parts import make_cell, make_facts, make_list, make_section, make_table
from codered_hq.reporting.document import Learned, StatusReport, Story
from codered_hq.reporting.words import cut, tell_count, tell_time

MOST_NAMED = 3
MOST_ANSWER = 300  # characters


def tell_story(status: StatusReport) -> list[tuple[str, str]]:
    """What is asked, and the answer; what is not known says so, once anything was found."""
    story = status.story
    if not (story.affected or story.cut_off):
        return []
    return [
        ("How it came in", cut("; ".join(story.way_in), 160) or "Not known yet."),
        ("How far it spread", _tell_spread(story)),
        ("Cut off", _tell_cut_off(story)),
        ("Clean", _tell_clean(story)),
        *([("Came back", _tell_returned(story))] if story.returned else []),
        *([("Not looked at", _tell_gaps(status))] if status.gaps_of else []),
    ]


def draw_story(status: StatusReport, most: int = MOST_ANSWER) -> Markup:
    """The answers (of at most so many characters) as a list, for a page; nothing where nothing was found."""
    told = tell_story(status)
    if not told:
        return Markup("")
    return make_section("How it went", make_facts([(asked, escape_html(cut(answer, most))) for asked, answer in told]))


def draw_lessons(status: StatusReport, most: int) -> Markup:
    """What is to change, by whom and by when; nothing before the first lesson."""
    learned = status.story.learned
    if not learned:
        return Markup("")
    rows = [
        [
            make_cell(cut(each.text, 110)),
            make_cell(cut(each.control, 110)),
            make_cell(cut(each.owner, 40) or "NOBODY"),
            make_cell(_tell_due(each), "time"),
        ]
        for each in learned[:most]
    ]
    caption = tell_count(len(learned), "lesson") + (f"; the first {most} of them" if len(learned) > most else "")
    titles = ("What we learned", "What is changed", "Who", "By when")
    return make_section("What we change", make_table(caption, titles, rows))


def list_lessons(status: StatusReport, most: int) -> Markup:
    """The same as a short list, for a page that has little room."""
    told = tell_lessons(status)
    if not told:
        return Markup("")
    more = [f"… and {len(told) - most:,} more in the status report."] if len(told) > most else []
    return make_section("What we change", make_list([escape_html(line) for line in [*told[:most], *more]]))


def tell_lessons(status: StatusReport) -> list[str]:
    """The same as lines: what is changed (else what was learned), who sees to it, by when."""
    return [
        f"{cut(each.control or each.text, 90)}: {cut(each.owner, 30) or 'NOBODY'}, {_tell_due(each)}"
        for each in status.story.learned
    ]


def _tell_spread(story: Story) -> str:
    first = f", the first on {tell_time(story.first_at)} ({cut(story.first_host, 40)})" if story.first_at else ""
    return f"{tell_count(story.affected, 'machine')}{first}."


def _tell_cut_off(story: Story) -> str:
    if not story.cut_off:
        return "No machine was cut off from the network."
    until = f" to {tell_time(story.cut_off_last)}" if story.cut_off_last != story.cut_off_first else ""
    several = f"; {story.cut_off_ill:,} of them infected" if story.cut_off_ill < story.cut_off else ""
    return f"{tell_count(story.cut_off, 'machine')}, {tell_time(story.cut_off_first)}{until}{several}."


def _tell_clean(story: Story) -> str:
    left = f"Not yet: {_name(story.ill, story.ill_of)}." if story.ill_of else ""
    who = "The others" if left else "All that were infected are proved clean"
    proved = f"{who} since {tell_time(story.clean_at)}." if story.clean_at else ""
    return " ".join(filter(None, (left, proved))) or "Not yet."


def _tell_returned(story: Story) -> str:
    last = story.returned[-1]
    healed = "cleaned again" if last.state in ("verified", "watch", "closed") else f"{cut(last.state, 20)} now"
    more = f", and {len(story.returned) - 1} more times" if len(story.returned) > 1 else ""
    return f"{cut(last.host, 60)} was infected again on {tell_time(last.at)}{more}; it is {healed}."


def _tell_gaps(status: StatusReport) -> str:
    named = tuple(each.name or each.range for each in status.gaps)
    return f"{tell_count(status.gaps_of, 'network')}: {_name(named, status.gaps_of)}. None of them counts as clean."


def _tell_due(lesson: Learned) -> str:
    if lesson.done:
        return "done"
    return tell_time(lesson.due_at)[:10] if lesson.due_at else "no day set"


def _name(names: tuple[str, ...], number: int) -> str:
    more = f" and {number - MOST_NAMED:,} more" if number > MOST_NAMED else ""
    return ", ".join(cut(name, 40) for name in names[:MOST_NAMED]) + more
