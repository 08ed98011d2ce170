"""Each task of the templates that names a word of the shell leads to a page, if one does or shows the same."""

from codered_hq.console.crisis.task_pages import PAGES, TaskPage, find_task_page
from codered_hq.incidents.templates import read_templates

SHELL_ALONE = {"known-good", "watch"}
"""No page records baselines or sets schedules."""


def test_every_template_with_a_word_of_the_shell_has_a_page() -> None:
    templates = read_templates()
    texts = [(each.action, each.text) for each in templates.tasks] + [(one.action, one.text) for one in templates.facts]
    assert {action for action, text in texts if "codered " in text} - set(PAGES) == SHELL_ALONE
    assert set(PAGES) <= {action for action, _ in texts}


def test_pages_are_there() -> None:
    for action, (_, text) in PAGES.items():
        found = find_task_page(action)
        assert found is not None, action
        assert (found.address.startswith("/"), found.text) == (True, text)
    assert find_task_page("watch-undo") == TaskPage("/containments/", "Containments")
    assert find_task_page("look") is None
