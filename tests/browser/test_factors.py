"""Second factors as people use them: a picture that an app reads, recovery codes, passkeys, a code that was used."""

import time
from collections.abc import Iterator

import pytest
import qrcode  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from tests.fixtures.browsers import Visit, find_barriers, visit
from tests.fixtures.new_accounts import PASSWORD, STEP, make_code
from tests.fixtures.served_consoles import ServedConsole, serve_console

USER = "cora"
MODULES = """rows => {
  const path = document.querySelector("main svg path"), step = 100 / rows;
  const at = (x, y) => path.isPointInFill(new DOMPoint((x + 0.5) * step, (y + 0.5) * step));
  return [...Array(rows).keys()].map(y => [...Array(rows).keys()].map(x => at(x, y)));
}"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    with serve_console(tmp_path_factory.mktemp("console"), "--no-worker") as served:
        yield served


def test_from_the_first_factor_to_a_passkey(browser: Browser, served: ServedConsole) -> None:
    with visit(browser, served) as seen:
        join(seen)
        secret = read_picture(seen)
        first = make_code(secret, time.time())
        send_code(seen.page, first)
        codes = read_codes(seen)
        sign_out(seen)

        give_password(seen)
        send_code(seen.page, first)  # it was used to set the app up
        assert "was used already" in seen.page.locator("main").inner_text()
        send_code(seen.page, codes[0])
        seen.page.wait_for_url(f"{served.address}/")
        sign_out(seen)

        give_password(seen)
        send_code(seen.page, codes[0])
        assert "Incorrect code" in seen.page.locator("main").inner_text()
        later = make_code(secret, time.time() + STEP)
        send_code(seen.page, later)
        seen.page.wait_for_url(f"{served.address}/")
        assert seen.go("/account/") == 200

        add_passkeys(seen)
        use_passkeys(seen, later)


def join(seen: Visit) -> None:
    """By the link of the first start, up to the page of the authenticator app."""
    page = seen.page
    assert seen.go(seen.served.link.removeprefix(seen.served.address)) == 200
    for name, text in (("name", "Cora"), ("username", USER), ("password", PASSWORD), ("again", PASSWORD)):
        page.locator(f"main input[name={name}]").fill(text)
    page.locator("main form .primary").first.click()
    page.wait_for_url("**/account/factors/")
    assert seen.go("/account/factors/app/") == 200


def read_picture(seen: Visit) -> str:
    """The secret. The picture beside it shows the same, square for square."""
    secret = seen.page.locator("main code").first.inner_text()
    wanted = qrcode.QRCode(border=4)
    wanted.add_data(f"otpauth://totp/{USER}?secret={secret}&issuer=CodeRed%20headquarters")
    wanted.make(fit=True)
    rows = wanted.get_matrix()
    assert seen.page.evaluate(MODULES, len(rows)) == rows
    return secret


def read_codes(seen: Visit) -> list[str]:
    """The recovery codes: shown once, then only counted."""
    seen.page.wait_for_url("**/account/factors/codes/")
    assert find_barriers(seen.page) == []
    codes = seen.page.locator("main pre").inner_text().split()
    assert (len(codes), len(set(codes))) == (10, 10)
    seen.go("/account/factors/codes/")
    assert codes[0] not in seen.page.content()
    return codes


def add_passkeys(seen: Visit) -> None:
    """One that is shown after the password, and one that opens alone; in the debugger's authenticator."""
    page = seen.page
    debugger = page.context.new_cdp_session(page)
    debugger.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    debugger.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    assert seen.go("/account/factors/keys/add/") == 200
    page.locator("input[name=password]").fill(PASSWORD)  # signed in or not: is it you?
    page.locator("main form .primary").first.click()
    page.wait_for_url("**/account/factors/keys/add/")
    assert find_barriers(page) == []
    page.locator("input[name=name]").fill("<b>desk</b>")
    page.locator("input[name=passwordless]").check()
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/account/factors/")
    seen.go("/account/factors/keys/")
    assert "<b>desk</b>" in page.locator("main table").inner_text()
    assert find_barriers(page) == []


def use_passkeys(seen: Visit, used: str) -> None:
    """As the second factor where a used code is refused; then alone."""
    page = seen.page
    sign_out(seen)
    give_password(seen)
    send_code(page, used)
    page.get_by_text("used already").or_(page.get_by_text("Incorrect code")).first.wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{seen.served.address}/")
    sign_out(seen)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{seen.served.address}/")
    assert seen.go("/account/") == 200
    assert USER in page.locator("main").inner_text()
    seen.check_quiet()


def sign_out(seen: Visit) -> None:
    seen.go("/account/logout/")
    seen.page.evaluate("sessionStorage.setItem('draft', 'typed')")
    seen.page.locator("main form .primary").first.click()
    seen.page.wait_for_url("**/account/login/")
    assert seen.page.evaluate("sessionStorage.getItem('draft')") is None


def give_password(seen: Visit) -> None:
    page = seen.page
    page.locator("input[name=login]").fill(USER)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form .primary").first.click()
    page.locator("input[name=code]").wait_for()


def send_code(page: Page, code: str) -> None:
    page.locator("input[name=code]").fill(code)
    with page.expect_navigation():
        page.locator("main form .primary").first.click()
