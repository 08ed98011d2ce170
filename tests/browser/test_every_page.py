"""Every page of the console in a real browser: usable for everybody, narrow, dark and printed; nothing from elsewhere,
nothing against its own policy. The pages are found as people find them: by the links, one of each kind.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.exceptions import Resolver404
from playwright.sync_api import Browser

from codered_hq.console.frame import WAYS
from tests.fixtures.browsers import NARROW, WIDE, Visit, find_barriers, find_overflow, visit
from tests.fixtures.served_consoles import ServedConsole, serve_console

LINKS: Final = "[...document.querySelectorAll('a[href]')].map(link => link.href)"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    with serve_console(tmp_path_factory.mktemp("console"), "--no-worker", "--demo") as served:
        yield served


def name_page(path: str) -> str:
    """The name of its URL, "" if there is no such page."""
    try:
        return get_resolver().resolve(path).url_name or ""
    except Resolver404:
        return ""


def list_plain_pages(patterns: list[URLPattern | URLResolver] | None = None, above: str = "/") -> Iterator[str]:
    """The addresses that name nothing, as /hosts/."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        here = above + str(each.pattern).lstrip("^").rstrip("$")
        if isinstance(each, URLResolver):
            yield from list_plain_pages(each.url_patterns, here)
        elif "<" not in here and "(" not in here and not str(each.name).startswith("part-"):
            yield here


def check_page(seen: Visit, path: str, linked: bool = True) -> list[str]:
    """What is wrong with it, one line each. Where no link leads, it may refuse: something is to be chosen first."""
    page = seen.page
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    try:
        status = seen.go(path)
    except AssertionError as error:
        return [str(error)]
    problems = [f"answered {status}"] if status >= 400 and linked else []
    problems += [f"{page.locator('h1').count()} h1"] if page.locator("h1").count() != 1 else []
    problems += find_barriers(page)
    page.emulate_media(color_scheme="dark")
    problems += [f"dark: {line}" for line in find_barriers(page, "color-contrast")]
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    problems += [f"{NARROW[0]} px: {wider} px too wide"] if (wider := find_overflow(page)) else []
    page.emulate_media(color_scheme="light", media="print")
    problems += ["printed: nothing of it"] if not page.locator("main").first.is_visible() else []
    page.emulate_media(media="screen")
    problems += [f"asked for {url}" for url in seen.outside] + seen.said
    seen.outside, seen.said = [], []
    return problems


def is_page(seen: Visit, path: str) -> bool:
    """False for what can't be looked at: an action (405), a file, what goes on to elsewhere."""
    answer = seen.page.context.request.get(f"{seen.served.address}{path}", max_redirects=0)
    if answer.status in (302, 303, 405) or "content-disposition" in answer.headers:
        return False
    return "text/html" in answer.headers.get("content-type", "text/html")


def test_every_page(browser: Browser, served: ServedConsole) -> None:
    cookie = served.sign_in("Page Walker", "incident_commander", administrator=True)
    to_see = deque(dict.fromkeys(["/", *list_plain_pages()]))
    found: dict[str, list[str]] = {}
    linked = {"/"}
    with visit(browser, served, cookie) as seen:
        while to_see:
            path = to_see.popleft()
            name = name_page(path)
            if not name or name in found or name in ("live", "health") or not is_page(seen, path):
                continue
            found[name] = check_page(seen, path, path in linked)
            links = [link.removeprefix(served.address) for link in seen.page.evaluate(LINKS)]
            here = [link.split("?")[0].split("#")[0] for link in links if link.startswith("/")]
            linked.update(here)
            to_see += here
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert {way.url for group in WAYS for way in group.ways} | {
        "host",
        "finding",
        "subnet",
        "plan",
        "approval",
        "pack",
        "drill",
    } <= set(found)


def test_pages_for_who_is_not_signed_in(browser: Browser, served: ServedConsole) -> None:
    with visit(browser, served) as seen:
        problems = {path: check_page(seen, path) for path in ("/account/login/", served.link.split(served.address)[1])}
        assert (seen.go("/hosts/"), "/account/login/" in seen.page.url) == (200, True)
        assert seen.go("/nothing") == 404
        assert find_barriers(seen.page) == []
    assert {path: lines for path, lines in problems.items() if lines} == {}


def test_without_scripts(browser: Browser, served: ServedConsole) -> None:
    cookie = served.sign_in("Page Walker", "incident_commander", administrator=True)
    with visit(browser, served, cookie, java_script_enabled=False) as seen:
        for way in ("/", "/hosts/", "/tasks/", "/approvals/"):
            assert seen.go(way) == 200
            assert seen.page.locator("main h1").count() == 1
