"""Without a mouse: from the alarm on the war room to an isolation that somebody else approves; what has the focus can
be seen at each step, and nothing holds it.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from codered_hq.drills.demo_links import tell_left
from codered_hq.drills.demo_record import read_shipped_record
from tests.fixtures.browsers import Visit, visit
from tests.fixtures.served_consoles import ServedConsole, serve_console

MOST_TABS = 150
FOCUSED = """() => {
    const it = document.activeElement, style = getComputedStyle(it);
    const box = it.getBoundingClientRect();
    return {
        text: (it.labels && it.labels.length ? it.labels[0].innerText : it.innerText || it.ariaLabel || "").trim(),
        outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none",
        there: box.width > 0 && box.height > 0,
        seen: it.matches(":focus-visible"),
        body: it === document.body,
    };
}"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    with serve_console(tmp_path_factory.mktemp("console"), "--no-worker", "--demo") as served:
        yield served


def look_at_focus(page: Page) -> str:
    """The text of what has the focus, or of its label; fails if nobody sees that it has it."""
    found = page.evaluate(FOCUSED)
    assert found["outline"], found
    assert found["there"], found
    assert found["seen"], found
    return str(found["text"])


def tab_to(page: Page, text: str) -> None:
    """With Tab alone, from wherever the focus is."""
    passed = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # round the browser's own edge
        passed.append(look_at_focus(page))
        if passed[-1].startswith(text):
            return
    raise AssertionError(f"no {text!r} in {passed}")


def press_until(page: Page, key: str, text: str) -> None:
    """The same by the console's own keys."""
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        if look_at_focus(page).startswith(text):
            return
    raise AssertionError(f"{key} never came to {text!r}")


def go_by_keys(page: Page, first: str, second: str, heading: str) -> None:
    page.keyboard.press(first)
    page.keyboard.press(second)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_from_the_alarm_to_an_approved_isolation(browser: Browser, served: ServedConsole) -> None:
    network, commander = served.sign_in("Nora"), served.sign_in("Cora")
    with visit(browser, served, network) as seen, visit(browser, served, commander) as other:
        name = ask_by_keys(seen)
        approve_by_keys(other, name)
        expect(seen.page.locator("#standing")).to_contain_text("yes of Cora")
        expect(seen.page.locator("#standing")).to_contain_text("proven unreachable")
        seen.check_quiet()
        other.check_quiet()


def test_the_yes_that_is_missing_cuts_the_vital_host_off(browser: Browser, served: ServedConsole) -> None:
    left = read_shipped_record().waits
    assert any(line.endswith(tell_left()) for line in served.lines)
    with visit(browser, served, served.sign_in(left.who)) as seen:
        approve_by_keys(seen, left.host, vital=True)
        expect(seen.page.locator("#standing")).to_contain_text("proven unreachable")
        seen.check_quiet()


def ask_by_keys(seen: Visit) -> str:
    """From the number on the war room to a host that needs a yes, and the question; gives its name."""
    page = seen.page
    assert seen.go("/") == 200
    page.keyboard.press("Tab")
    assert look_at_focus(page) == "Skip to the content"
    page.keyboard.press("Enter")
    tab_to(page, "infected")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hosts")
    page.keyboard.press("/")
    assert look_at_focus(page).startswith("Name, address")
    page.keyboard.type("linux-")
    page.keyboard.press("Enter")
    expect(page.locator("#f-fits")).to_have_value("linux-")
    rows = page.get_by_role("table", name="Hosts").locator("tbody tr")
    name = rows.filter(has_text="infected").filter(has_text="normal").locator("th a").first.inner_text()
    press_until(page, "j", name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    tab_to(page, "Cut off")
    page.keyboard.press("Enter")
    expect(page.locator("main .card")).to_contain_text("Must say yes: incident commander")
    tab_to(page, "Why")
    page.keyboard.type("it scans its neighbours")
    tab_to(page, "Ask the gate")
    page.keyboard.press("Enter")
    expect(page.locator("#standing")).to_contain_text("Missing")
    return name


def approve_by_keys(other: Visit, name: str, *, vital: bool = False) -> None:
    page = other.page
    assert other.go("/") == 200
    go_by_keys(page, "g", "a", "Approvals")
    for _ in range(MOST_TABS):
        page.keyboard.press("j")
        look_at_focus(page)
        card = page.evaluate("(document.activeElement.closest('li') || document.body).innerText")
        if name.partition(".")[0] in card:
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    if vital:
        tab_to(page, f"I know that vital machines are in it: {name}")
        page.keyboard.press("Space")
    tab_to(page, "Yes, do it")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("your yes is entered")


def test_the_keys_are_told_and_nothing_holds_the_focus(browser: Browser, served: ServedConsole) -> None:
    with visit(browser, served, served.sign_in()) as seen:
        page = seen.page
        assert seen.go("/hosts/") == 200
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keys")
        expect(dialog).to_contain_text("to the next row")
        expect(dialog).to_contain_text("Approvals")
        assert look_at_focus(page) == "Close"
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.keyboard.press("j")
        first = look_at_focus(page)
        page.keyboard.press("j")
        assert look_at_focus(page) != first
        page.keyboard.press("k")
        assert look_at_focus(page) == first
        page.keyboard.press("/")
        page.keyboard.type("g a?j")  # typed, not obeyed
        expect(page.locator("#f-fits")).to_have_value("g a?j")
        check_no_trap(page)
        seen.check_quiet()


def check_no_trap(page: Page) -> None:
    """Tab goes on through all there is, and comes round."""
    page.evaluate("document.activeElement.blur()")
    passed = set()
    for _ in range(600):
        page.keyboard.press("Tab")
        place = page.evaluate(
            "[...document.querySelectorAll('*')].indexOf(document.activeElement) + ' ' + document.activeElement.tagName"
        )
        if place in passed:
            break
        passed.add(place)
    else:
        raise AssertionError("it never comes round")
    expected = page.locator("main a[href]:visible, main input:not([type=hidden]):visible, main button:visible").count()
    assert len(passed) >= expected
