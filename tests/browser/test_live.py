"""What moves by itself: it arrives without a reload, nothing is lost while the server is away, and what somebody is
typing stays.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.fixtures.browsers import visit
from tests.fixtures.served_consoles import ServedConsole, run_child, serve_console

MAKE_INCIDENT = """
from datetime import UTC, datetime
from codered_hq.cli.entering import enter_headquarters
enter_headquarters()
from codered_hq.incidents.declaring import Declaration, declare
from codered_hq.incidents.people import Speaker, find_person
declare(Declaration("worm-1", "A worm"), Speaker(find_person("Cora"), "Cora", None, "test"), datetime.now(UTC))
"""
FIND_ILL = """
import sys
from datetime import UTC, datetime
from codered_hq.cli.entering import enter_headquarters
enter_headquarters()
from codered_hq.hosts.models import Host
now = datetime.now(UTC)
for label in sys.argv[1:]:
    Host.objects.create(label=label, state="infected", state_since=now, first_seen=now, last_seen=now)
"""
NOTE_RUMOUR = """
import sys
from datetime import UTC, datetime
from codered_hq.cli.entering import enter_headquarters
enter_headquarters()
from codered_hq.incidents.models import Incident
from codered_hq.incidents.people import Speaker, find_person
from codered_hq.incidents.rumours import add_rumour
add_rumour(Incident.objects.get(), sys.argv[1], "", Speaker(find_person("Cora"), "Cora", None, "x"), datetime.now(UTC))
"""
MARK = "document.body.dataset.mark = 'never loaded anew'"


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="module")
def served(top: Path) -> Iterator[ServedConsole]:
    with serve_console(top, "--no-worker") as served:
        yield served


def test_numbers_arrive_and_nothing_is_lost_while_the_server_is_away(
    browser: Browser, served: ServedConsole, top: Path
) -> None:
    cookie = served.sign_in("Cora", "incident_commander")
    run_child(served.environment, "-c", MAKE_INCIDENT)
    with visit(browser, served, cookie) as seen:
        page = seen.page
        assert seen.go("/") == 200
        page.evaluate(MARK)
        infected = page.locator("#war-numbers li", has_text="infected").locator(".value").first
        expect(infected).to_have_text("0")
        run_child(served.environment, "-c", FIND_ILL, "web-1", "web-2")
        expect(infected).to_have_text("2")
        assert served.end() == 0
        expect(page.get_by_role("alert").filter(has_text="Not connected since")).to_be_visible()
        run_child(served.environment, "-c", FIND_ILL, "web-3")  # a word, while the console is away
        expect(infected).to_have_text("2")
        with serve_console(top, "--no-worker", "--port", str(served.port)):
            expect(infected).to_have_text("3")
            expect(page.locator("#away")).to_have_count(0)
            assert page.evaluate("document.body.dataset.mark") == "never loaded anew"


def test_what_is_typed_survives_an_update_and_a_reload(browser: Browser, top: Path) -> None:
    with serve_console(top, "--no-worker") as served, visit(browser, served, served.sign_in("Cora")) as seen:
        page = seen.page
        assert seen.go("/rumours/") == 200
        field = page.locator("form[data-draft] textarea, form[data-draft] input[type=text]").first
        field.fill("They say that the wages")
        run_child(served.environment, "-c", NOTE_RUMOUR, "The plant burns")
        expect(page.locator("main")).to_contain_text("The plant burns")  # it arrives beside the form
        expect(field).to_have_value("They say that the wages")
        expect(field).to_be_focused()
        page.reload()
        expect(field).to_have_value("They say that the wages")
        field.press_sequentially(" are lost")
        page.get_by_role("button", name="Note it").click()
        expect(page.locator("main")).to_contain_text("They say that the wages")
        page.goto(f"{served.address}/rumours/")
        expect(page.locator("form[data-draft] textarea, form[data-draft] input[type=text]").first).to_have_value("")
        seen.check_quiet()
