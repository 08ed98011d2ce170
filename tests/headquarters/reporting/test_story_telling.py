"""The story as sentences: what is not known or not done is said, and no name becomes markup."""

import msgspec

from codered_hq.reporting.document import Story
from codered_hq.reporting.story_telling import draw_lessons, draw_story, list_lessons, tell_lessons, tell_story
from tests.fixtures.status_reports import NOW, STORY, make_hostile_report, make_report


def test_each_question_has_an_answer() -> None:
    told = dict(tell_story(make_report()))
    assert told == {
        "How it came in": "A laptop that had been away.",
        "How far it spread": "41 machines, the first on 2026-11-23 03:00 UTC (pc1).",
        "Cut off": "12 machines, 2026-11-23 04:00 UTC to 2026-11-23 10:00 UTC; 9 of them infected.",
        "Clean": "Not yet: pc1, pc2, pc3 and 31 more.",
        "Came back": "web1 was infected again on 2026-11-23 11:00 UTC; it is cleaned again.",
        "Not looked at": "1 network: plant. None of them counts as clean.",
    }
    assert tell_lessons(make_report()) == ["802.1X: Nils, 2026-12-06", "signed ones alone: NOBODY, done"]
    assert "… and 1 more" in list_lessons(make_report(), 1)


def test_what_is_not_known_says_so_and_the_end_has_its_day() -> None:
    unknown = make_report(story=Story(affected=1))
    told = dict(tell_story(unknown))
    assert told["How it came in"] == "Not known yet."
    assert told["Cut off"] == "No machine was cut off from the network."
    assert told["Clean"] == "Not yet."
    told = dict(tell_story(make_report(story=msgspec.structs.replace(STORY, clean_at=NOW))))
    assert told["Clean"].endswith("and 31 more. The others since 2026-11-23 12:00 UTC.")
    clean = make_report(story=msgspec.structs.replace(STORY, ill=(), ill_of=0, clean_at=NOW), gaps_of=0)
    told = dict(tell_story(clean))
    assert told["Clean"] == "All that were infected are proved clean since 2026-11-23 12:00 UTC."
    assert "Not looked at" not in told
    assert (tell_story(make_report(story=Story())), str(draw_story(make_report(story=Story())))) == ([], "")
    assert (str(draw_lessons(make_report(story=Story()), 3)), str(list_lessons(make_report(story=Story()), 3))) == (
        "",
        "",
    )


def test_hostile_names_stay_text() -> None:
    report = make_hostile_report()
    for drawn in (draw_story(report), draw_lessons(report, 9), list_lessons(report, 9)):
        assert "<script>" not in drawn
        assert "&lt;" in drawn
    assert all("\x1b" not in line for line in tell_lessons(report))
