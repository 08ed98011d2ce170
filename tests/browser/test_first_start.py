"""The first start as somebody lives it: an empty folder, a link on the terminal, an account, a second factor, the war
room. Then once more by the front door.
"""

import base64
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.fixtures.browsers import Visit, find_barriers, visit
from tests.fixtures.new_accounts import PASSWORD, STEP, make_code
from tests.fixtures.served_consoles import ServedConsole, serve_console

NAME = "Cora Commander"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    with serve_console(tmp_path_factory.mktemp("console"), "--no-worker") as served:
        yield served


def test_codes_are_those_of_the_standard() -> None:
    assert make_code(base64.b32encode(b"12345678901234567890").decode(), 59) == "287082"


def test_from_an_empty_folder_to_the_war_room(browser: Browser, served: ServedConsole) -> None:
    assert served.link.startswith(f"{served.address}/join/")
    with visit(browser, served) as seen:
        username = join(seen)
        secret = set_up_factor(seen)
        assert seen.go("/") == 200
        assert seen.page.locator("h1").first.is_visible()
        assert NAME in seen.page.locator("body").inner_text()
        seen.check_quiet()
    with visit(browser, served) as stranger:  # somebody who found the link in a scroll-back
        assert stranger.go(served.link.removeprefix(served.address)) >= 400
        assert stranger.page.locator("input[type=password]").count() == 0
        sign_in_again(stranger, username, secret)
        stranger.check_quiet()


def join(seen: Visit) -> str:
    """Name, account, password; gives the account's name."""
    page = seen.page
    assert seen.go(served_path(seen)) == 200
    assert find_barriers(page) == []
    username = "cora"
    for label, text in (("name", NAME), ("username", username)):
        if (field := page.locator(f"main input[name={label}]")).count():
            field.fill(text)
    for field in page.locator("main input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main form .primary").first.click()
    return username


def set_up_factor(seen: Visit) -> str:
    """Second factor by an authenticator; a wrong code is refused. Gives its secret."""
    page = seen.page
    seen.go("/")  # wherever one goes: first the second factor
    assert "factors" in page.url
    if "/app/" not in page.url:
        page.goto(f"{seen.served.address}/account/factors/app/")
    assert find_barriers(page) == []
    secret = read_secret(page)
    page.locator("input[name=code]").fill(make_code(secret, time.time() - 3600))
    page.locator("main form .primary").first.click()
    assert page.locator("input[name=code]").count() == 1  # asked again
    assert seen.go("/") == 200
    assert "factors" in page.url  # and nothing else is shown
    page.goto(f"{seen.served.address}/account/factors/app/")
    secret = read_secret(page)
    page.locator("input[name=code]").fill(make_code(secret, time.time()))
    page.locator("main form .primary").first.click()
    page.wait_for_function("!document.querySelector('input[name=code]')")
    seen.said = []  # the browser complains of the refused form's status
    return secret


def sign_in_again(seen: Visit, username: str, secret: str) -> None:
    page = seen.page
    assert seen.go("/hosts/") == 200
    assert "/account/login/" in page.url
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form .primary").first.click()
    page.locator("input[name=code]").fill(make_code(secret, time.time() - 3600))
    page.locator("main form .primary").first.click()
    page.locator("input[name=code]").wait_for()
    assert seen.go("/hosts/") == 200
    assert "/account/" in page.url  # half signed in is not signed in
    seen.said = []
    if page.locator("input[name=login]").count():
        page.locator("input[name=login]").fill(username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form .primary").first.click()
    page.locator("input[name=code]").fill(make_code(secret, time.time() + STEP))  # that of now was used
    page.locator("main form .primary").first.click()
    page.wait_for_url("**/hosts/")


def read_secret(page: Page) -> str:
    return page.locator("main code").first.inner_text().replace(" ", "")


def served_path(seen: Visit) -> str:
    return seen.served.link.removeprefix(seen.served.address)
