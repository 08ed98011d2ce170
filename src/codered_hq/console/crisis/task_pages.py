"""Where in the console the work of a task is done: its text names words of the shell, its page leads to a page."""

from typing import Final, NamedTuple

from django.urls import NoReverseMatch, reverse

_DRAFT: Final = ("message-new", "Write a message")
_HOSTS: Final = ("hosts", "Hosts")
PAGES: Final = {
    "rules": ("rules", "Rules"), "roster": ("roster", "Roster"), "inventory": _HOSTS, "sweep": ("subnets", "Subnets"),
    "scan": ("findings", "Findings"), "coverage": ("subnets", "Subnets"), "evidence": ("evidence-new", "Add evidence"),
    "message-executives": _DRAFT, "message-helpdesk": _DRAFT, "message-end": _DRAFT, "drill-marks": _DRAFT,
    "contain-infected": _HOSTS, "watch-undo": ("containments", "Containments"), "impact": ("incident", "Incident"),
    "decide": _HOSTS, "plan": ("plans", "Plans"), "remove": ("plans", "Plans"), "weigh-rebuild": _HOSTS,
    "verify": ("runs", "Runs"), "release": ("containments", "Containments"), "archive": ("ledger", "Ledger"),
    "meeting": ("lesson-new", "Write a lesson"),
}  # fmt: skip
"""Action of a template -> name of the URL, and what people call that page. What no page does or shows is not here."""


class TaskPage(NamedTuple):
    """A page and what it is called."""

    address: str
    text: str


def find_task_page(action: str) -> TaskPage | None:
    """The page for tasks of this action; None if there is none, or this headquarters does not serve its room."""
    if action not in PAGES:
        return None
    name, text = PAGES[action]
    try:
        return TaskPage(reverse(name), text)
    except NoReverseMatch:
        return None
