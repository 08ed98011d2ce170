"""What the shell calls an option is a field on a page; a kind of action is words."""

import pytest

from codered_hq.console.wording import word_for_page, word_kinds


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("--proof", 'the field "proof"'),
        ("--report-every", 'the field "report every"'),
        ("say why all the same: --reason TEXT", 'say why all the same: the field "reason"'),
        ("--as NAME --key FILE", "sign in as somebody of the team"),
        ("codered incident roster show says who has", "the page Roster says who has"),
        ("take the next one: codered task next --claim", "take the next one: the page Tasks"),
        ("codered sweep --list shows them", "codered sweep --list shows them"),
        ("name somebody else who is in the team", "name somebody else who is in the team"),
        ("a-b--c", "a-b--c"),
    ],
)
def test_advice_fits_the_page(said: str, told: str) -> None:
    assert word_for_page(said) == told


def test_kinds_of_actions_are_words() -> None:
    assert word_kinds("yes of Ann to disable_port web-1 (host #3)") == (
        "yes of Ann to switch a network port off: web-1 (host #3)"
    )
    assert word_kinds("waits for incident_commander") == "waits for incident commander"
    assert word_kinds("not allowed: shut_vlan") == "not allowed: shut a whole network segment"
    assert word_kinds("xdisable_port and patch stay") == "xdisable_port and patch stay"
