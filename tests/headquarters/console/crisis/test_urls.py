"""The addresses that other pages lead to."""

import pytest
from django.urls import reverse

PAGES = {
    "incident": "/incident/", "declare": "/incident/declare/", "roster": "/roster/", "tasks": "/tasks/",
    "approvals": "/approvals/", "timeline": "/timeline/", "part-tasks": "/tasks/part/",
    "part-approvals": "/approvals/part/", "part-timeline": "/timeline/part/", "part-incident": "/incident/part/",
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_addresses(name: str) -> None:
    assert reverse(name) == PAGES[name]
