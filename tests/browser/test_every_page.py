"""Every page of the console in a real browser: usable for everybody, narrow, dark and printed; nothing from elsewhere,
nothing against its own policy. The pages are found as people find them: by the links, one of each kind.
"""

import re
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
DARK: Final = frozenset(
    {way.url for group in WAYS for way in group.ways}
    | {"host", "finding", "approval", "drill", "containments", "message"}
)
"""Pages whose contrast is looked at in the dark too: they hold every kind of part that others have."""
ELSEWHERE: Final = {
    "live": "a stream that never ends", "health": "a word for machines", "account_logout": "it ends the session",
    "account_change_password": "this account has none: it says so",
    "join": "its link works once: looked at below", "account_login": "looked at below",
    "plan": "nobody has made one in the demonstration", "plan-ask": "the same",
    "mfa_edit_webauthn": "a passkey is needed: test_factors", "mfa_remove_webauthn": "the same",
    "mfa_view_recovery_codes": "no codes were made: test_factors", "mfa_reauthenticate": "nothing to prove anew",
    **dict.fromkeys(("report-written", "drill-report", "range-report"), "a file"),
    **dict.fromkeys(("show_action", "ask_action", "show_finding", "show_host"), "the API"),
    **dict.fromkeys(
        ("approval-answer", "approval-glass", "approval-take-back", "task-take", "task-end"),
        "asked for without an answer, it is the page of what it would change",
    ),
}  # fmt: skip
"""Names of URLs that the walk does not see, and why."""


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


def list_named(patterns: list[URLPattern | URLResolver] | None = None, above: str = "/") -> Iterator[tuple[str, str]]:
    """Each name of a URL, and its address with the names of its parts."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        here = above + str(each.pattern).lstrip("^").rstrip("$")
        if isinstance(each, URLResolver):
            yield from list_named(each.url_patterns, here)
        elif each.name:
            yield each.name, here


def list_plain_pages() -> Iterator[str]:
    """The addresses that name nothing, as /hosts/."""
    for name, path in list_named():
        if "<" not in path and "(" not in path and not name.startswith("part-"):
            yield path


def check_page(seen: Visit, path: str, dark: bool = True) -> tuple[int, list[str]]:
    """What it answered, and what is wrong with it, one line each."""
    page = seen.page
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    try:
        status = seen.go(path)
    except AssertionError as error:
        return 500, [str(error)]
    problems = [f"{page.locator('h1').count()} h1"] if page.locator("h1").count() != 1 else []
    problems += find_barriers(page)
    if dark:
        page.emulate_media(color_scheme="dark")
        problems += [f"dark: {line}" for line in find_barriers(page, "color-contrast")]
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    problems += [f"{NARROW[0]} px: {wider} px too wide"] if (wider := find_overflow(page)) else []
    page.emulate_media(color_scheme="light", media="print")
    problems += ["printed: nothing of it"] if not page.locator("main").first.is_visible() else []
    page.emulate_media(media="screen")
    problems += [f"asked for {url}" for url in seen.outside] + seen.said
    seen.outside, seen.said = [], []
    return status, problems


def is_page(seen: Visit, path: str) -> bool:
    """False for what can't be looked at: an action (405), a file, what goes on to elsewhere."""
    answer = seen.page.context.request.get(f"{seen.served.address}{path}", max_redirects=0)
    if answer.status in (302, 303, 405) or "content-disposition" in answer.headers:
        return False
    return "text/html" in answer.headers.get("content-type", "text/html")


def walk(seen: Visit) -> tuple[dict[str, list[str]], set[str]]:
    """What is wrong with each page by its name, and the names of what is no page. A link that leads nowhere is wrong;
    an address that nobody links may refuse: something is to be chosen first.
    """
    to_see = deque(dict.fromkeys(["/", *list_plain_pages()]))
    found: dict[str, list[str]] = {}
    others: set[str] = set()
    linked = {"/"}
    while to_see:
        path = to_see.popleft()
        name = name_page(path.split("?")[0])
        if not name or name in found or name in others or name in ELSEWHERE:
            continue
        if not is_page(seen, path):
            others.add(name)
            continue
        status, problems = check_page(seen, path, name in DARK)
        if status >= 400 and path not in linked:
            continue
        found[name] = problems + ([f"{path} answered {status}"] if status >= 400 else [])
        links = [link.removeprefix(seen.served.address).split("#")[0] for link in seen.page.evaluate(LINKS)]
        linked.update(link for link in links if link.startswith("/"))
        to_see += [link for link in links if link.startswith("/")]
    return found, others


def find_forgotten(seen: Visit, known: set[str]) -> set[str]:
    """Names of URLs that answer who asks for them as for a page, and that nobody knows of."""
    forgotten = set()
    for name, path in list_named():
        if name not in known and not name.startswith("part-"):
            example = re.sub(r"<\w+:\w+>", "1", path)
            if seen.page.context.request.get(f"{seen.served.address}{example}", max_redirects=0).status != 405:
                forgotten.add(name)
    return forgotten


def test_every_page(browser: Browser, served: ServedConsole) -> None:
    cookie = served.sign_in("Page Walker", "incident_commander", administrator=True)
    with visit(browser, served, cookie) as seen:
        found, others = walk(seen)
        forgotten = find_forgotten(seen, found.keys() | others | ELSEWHERE.keys())
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert forgotten == set()
    assert {way.url for group in WAYS for way in group.ways} <= found.keys()


def test_pages_for_who_is_not_signed_in(browser: Browser, served: ServedConsole) -> None:
    with visit(browser, served) as seen:
        doors = ("/account/login/", served.link.split(served.address)[1])
        problems = {path: check_page(seen, path) for path in doors}
        assert (seen.go("/hosts/"), "/account/login/" in seen.page.url) == (200, True)
        assert seen.go("/nothing") == 404
        assert find_barriers(seen.page) == []
    assert problems == dict.fromkeys(doors, (200, []))


def test_without_scripts(browser: Browser, served: ServedConsole) -> None:
    cookie = served.sign_in("Page Walker", "incident_commander", administrator=True)
    with visit(browser, served, cookie, java_script_enabled=False) as seen:
        for way in ("/", "/hosts/", "/tasks/", "/approvals/"):
            assert seen.go(way) == 200
            assert seen.page.locator("main h1").count() == 1
