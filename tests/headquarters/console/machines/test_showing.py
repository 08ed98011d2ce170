"""Characters that nobody sees are spelled out; text that people read stays."""

from codered_hq.console.machines.showing import go_to, make_visible


def test_unseen_characters_are_spelled_out() -> None:
    assert make_visible("a\u202eb\x1b[2J\n\tÄ–…\r\n") == "a\\u202eb\\x1b[2J\n\tÄ–…\r\n"
    assert make_visible("plain\n") == "plain\n"


def test_after_a_post_the_browser_goes_on() -> None:
    answer = go_to("/hosts/")
    assert (answer.status_code, answer["Location"]) == (303, "/hosts/")
