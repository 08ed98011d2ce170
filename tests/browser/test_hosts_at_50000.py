"""The list of hosts where there are 50,000: found, put in order, leafed through, opened, gone back from, and carried
away as a file.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fixtures.browsers import NARROW, find_overflow, visit
from tests.fixtures.served_consoles import ServedConsole, run_child, serve_console

HOSTS = 50_000
MAKE_HOSTS = f"""
from datetime import UTC, datetime
from codered_hq.cli.entering import enter_headquarters
enter_headquarters()
from tests.fixtures.large_incidents import make_large_incident
make_large_incident({HOSTS}, datetime.now(UTC))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    with serve_console(tmp_path_factory.mktemp("console"), "--no-worker") as served:
        run_child(served.environment, "-c", MAKE_HOSTS)
        yield served


def list_names(page: Page) -> list[str]:
    """The hosts that are shown."""
    return page.get_by_role("table", name="Hosts").locator("tbody th").all_inner_texts()


def test_50000_hosts(browser: Browser, served: ServedConsole, tmp_path: Path) -> None:
    with visit(browser, served, served.sign_in("Kim", "security"), accept_downloads=True) as seen:
        page = seen.page
        assert seen.go("/hosts/") == 200
        pager = page.get_by_role("navigation", name="Pages of hosts")
        expect(pager).to_contain_text("Showing 1–50 of 50,000 hosts")
        assert list_names(page) == [f"pc{number:05}" for number in range(50)]
        pager.get_by_role("link", name="Last").click()
        expect(pager).to_contain_text("page 1,000 of 1,000")
        assert list_names(page)[-1] == "pc49999"

        page.get_by_label("Subnet or range").fill("10.20.0.0/20")
        page.get_by_label("State", exact=True).select_option("infected")
        page.get_by_label("Order").select_option(label="state changed last")
        page.get_by_role("button", name="Filter").click()
        expect(pager).to_contain_text("27 hosts")  # every 150th of 16 x 250
        assert "page=" not in page.url  # another list begins at its beginning
        assert list_names(page)[0] == "pc00000"
        page.get_by_role("link", name="pc00150").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("pc00150")
        page.go_back()
        expect(pager).to_contain_text("27 hosts")  # as it was left
        expect(page.get_by_label("State", exact=True)).to_have_value("infected")

        with page.expect_download() as waited:
            page.get_by_role("link", name="Export as CSV").click()
        place = tmp_path / "hosts.csv"
        waited.value.save_as(place)
        rows = list(csv.reader(place.open(newline="", encoding="utf-8-sig")))
        assert {row[rows[0].index("name")] for row in rows[1:]} >= {"pc00000", "pc00150"}
        assert len(rows) == 1 + 27
        seen.check_quiet()


def test_all_50000_on_a_telephone(browser: Browser, served: ServedConsole) -> None:
    with visit(browser, served, served.sign_in(), NARROW) as seen:
        assert seen.go("/hosts/?page=500&sort=state") == 200
        assert find_overflow(seen.page) == 0
        expect(seen.page.locator(".pager")).to_contain_text("Showing 24,951–25,000 of 50,000 hosts")
        assert seen.go("/hosts/?page=1001") == 200  # there is no such page: the last one
        expect(seen.page.locator(".pager")).to_contain_text("page 1,000 of 1,000")
        assert seen.go("/hosts/?state=nonsense") == 400
        expect(seen.page.locator("main")).to_contain_text("is no state")
