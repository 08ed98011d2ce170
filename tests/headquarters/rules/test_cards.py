from codered_hq.rules.cards import MOST_LINES, draw_matrix, make_card, render_card
from codered_hq.rules.matrix import make_matrix
from tests.fixtures.rules_of_engagement import ALLOW, read_sample_book, write_rules

SAMPLE = read_sample_book()
LINES_OF_A_PAGE = 66


def test_the_card_says_what_a_team_must_know_on_one_page() -> None:
    text = render_card(make_card(SAMPLE))
    for told in (
        SAMPLE.title, f"8, SHA-256 {SAMPLE.digest[:16]}", "NAME OF THE APPROVER (executive) on 2026-10-01",
        "2027-01-01; after that day only looking is allowed", "executive, communications, helpdesk",
        "Mon-Fri 07:00-19:00 UTC", "the incident commander, with a reason; everybody is told; reviewed within 24h",
        "50 hosts in 1h: block_address, disable_port, isolate_host, move_vlan",
        "Save the evidence before anything is destroyed.", "executive + business, 4h          vital",
    ):  # fmt: skip
        assert told in text, told
    assert len(text.splitlines()) < LINES_OF_A_PAGE


def test_what_is_not_said_is_said_not_to_be() -> None:
    head = "title: t\nversion: 1\napproved_by: {name: E, role: legal, on: 2026-01-01}\nreview_by: 2026-12-31\n"
    text = render_card(make_card(write_rules(ALLOW, head)))
    for told in ("nobody is named", "not said", "nobody\n", "nothing is said"):
        assert told in text


def test_long_lists_and_many_tags_are_cut_and_say_so() -> None:
    never = "never:\n" + "".join(f"  - id: r{number}\n    why: No {number}.\n    do: [patch]\n" for number in range(30))
    card = make_card(write_rules(never + ALLOW))
    assert len(card.never) == MOST_LINES
    assert card.never[-1] == "and 15 more: codered rules show"
    names = [f"t{number}" for number in range(9)]
    tags = "tags: {" + ", ".join(f"{name}: x" for name in names) + "}\n"
    lines = draw_matrix(make_matrix(write_rules(tags + ALLOW + f"    if: {{tag: [{', '.join(names)}]}}\n")))
    assert lines[-1] == "No room for the tags t5, t6, t7, t8: ask codered rules explain"
