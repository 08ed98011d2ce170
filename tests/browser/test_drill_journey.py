"""A drill as a team lives it: begun by a word, played, answered, decided and ended in the browser; its score is kept
beside that of the drill before.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.fixtures.browsers import Visit, find_barriers, visit
from tests.fixtures.served_consoles import ServedConsole, make_environment, run_child, serve_console

SCENARIO = """
title: A short night
about: Two subnets, sixty times as fast.
pack: codered2
minutes: 30
speed: 60
tries: 2.0
heard_after: 0.5
first: 4
population:
  - {range: 10.20.16.0/24, name: web servers, site: Porto, hosts: 24, kind: servers, vulnerable: 80}
  - {range: 10.20.17.0/24, name: office floor 1, site: Porto, hosts: 20, kind: office, vulnerable: 30}
injects:
  - {at: 0, kind: call, to: incident_commander, text: Web servers answer slowly., expected: Declare it., within: 10}
  - {at: 0, kind: question, to: business, text: May the shop go down?, expected: Yes or no., within: 10}
  - {at: 25, kind: rumour, to: communications, text: Wages are lost., within: 5}
"""
MAKE_TEAM = """
from datetime import UTC, datetime, timedelta
from codered_hq.cli.entering import enter_headquarters
folder = enter_headquarters().folder
from codered_hq.drills.demo_record import read_shipped_record
from codered_hq.drills.demo_team import Team
at, team = datetime.now(UTC) - timedelta(days=2), Team(folder, read_shipped_record().people)
team.enter(at)
team.put_rules(folder, at)
"""
COMMANDER, NETWORK = "Cora", "Nora"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """The console of the second drill; the first was ended at once."""
    top = tmp_path_factory.mktemp("console")
    real = make_environment(top, top / "hq")
    run_child(real, "-c", MAKE_TEAM)
    (top / "night.yaml").write_text(SCENARIO)
    for name in ("first", "second"):
        run_child(real, "-m", "codered", "drill", "tabletop", "start", str(top / "night.yaml"), "--name", name)
        if name == "first":
            own = make_environment(top, top / "hq" / "drills" / name)
            key = top / "hq" / "people" / "cora.key"
            run_child(own, "-m", "codered", "drill", "tabletop", "end", "--as", COMMANDER, "--key", str(key))
    with serve_console(top, folder=top / "hq" / "drills" / "second") as served:
        yield served


def test_a_drill_from_its_first_inject_to_its_score(browser: Browser, served: ServedConsole) -> None:
    commander = served.sign_in(COMMANDER, administrator=True)
    network = served.sign_in(NETWORK)
    with visit(browser, served, commander) as seen, visit(browser, served, network) as other:
        answer_inject(seen)
        declare(seen)
        name = ask_for_isolation(other)
        approve(seen, name)
        expect(other.page.locator("#standing")).to_contain_text("proven unreachable")  # live, on the page of who asked
        end_and_look(seen, other)
        read_lessons(seen)
        seen.check_quiet()
        other.check_quiet()


def answer_inject(seen: Visit) -> None:
    page = seen.page
    assert seen.go("/drills/") == 200
    page.get_by_role("table", name="Drills of this headquarters").get_by_role("link", name="second").click()
    expect(page.locator(".drill")).to_contain_text("this is an exercise")
    expect(page.locator("#inject-3")).to_contain_text("to come")  # who leads it knows
    page.get_by_label("What was done about inject 1").fill("declared")
    page.locator("#inject-1").get_by_role("button", name="Answer").click()
    expect(page.locator(".messages")).to_contain_text("Inject 1 is answered")
    expect(page.locator("#inject-1")).to_contain_text(f"{COMMANDER}, ")
    assert page.locator("#inject-1 form").count() == 0


def declare(seen: Visit) -> None:
    page = seen.page
    assert seen.go("/incident/declare/") == 200
    page.get_by_label("Name", exact=False).first.fill("night-1")
    page.get_by_label("Title", exact=False).fill("A worm in Porto")
    page.get_by_role("checkbox", name="codered2", exact=True).check()
    page.get_by_role("button", name="Declare").click()
    expect(page.locator(".messages")).to_contain_text("incident night-1 is declared")


def ask_for_isolation(other: Visit) -> str:
    """Of an ordinary machine that turned ill; gives its name."""
    page = other.page
    assert other.go("/?incident=night-1") == 200
    link = page.locator("#war-numbers li").filter(has_text=re.compile("infected", re.IGNORECASE)).get_by_role("link")
    expect(link.locator(".value").first).not_to_have_text("0")  # it arrives by itself
    link.first.click()
    page.get_by_label("Subnet or range").fill("10.20.16.0/24")  # what needs a yes
    page.get_by_role("button", name="Filter").click()
    first = page.get_by_role("table", name="Hosts").locator("tbody th a").first
    name = first.inner_text()
    first.click()
    page.get_by_role("link", name="Cut off").click()
    expect(page.locator("main .card")).to_contain_text("Rule")  # before anything is asked
    page.get_by_label("Why", exact=True).fill("it scans its neighbours")
    page.get_by_role("button", name="Ask the gate").click()
    expect(page.locator("#standing")).to_contain_text("Missing")
    return name


def approve(seen: Visit, name: str) -> None:
    page = seen.page
    assert seen.go("/approvals/") == 200
    page.locator("#waiting .card").filter(has_text=name).get_by_role("link", name="Look and decide").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator(".messages")).to_contain_text("your yes is entered")
    expect(page.locator("#standing")).to_contain_text("proven unreachable")


def end_and_look(seen: Visit, other: Visit) -> None:
    """The team knows no more than it found, until the end; then everybody sees the score and the drill before."""
    assert other.go("/drills/1/") == 200
    expect(other.page.locator("#drill-now")).to_contain_text("shown to who leads the drill")
    assert other.page.get_by_role("button", name="End the drill").count() == 0
    assert seen.go("/drills/1/") == 200
    page = seen.page
    page.get_by_role("button", name="End the drill").click()
    expect(page.locator(".messages")).to_contain_text("The drill is over")
    expect(page.locator("#drill-now h2")).to_have_text("How it ended")
    other.page.reload()
    shown = other.page.locator("#drill-now")
    for what in ("Incident declared", "First machine cut off"):
        expect(shown.get_by_role("row", name=what)).to_contain_text("15.0 of 15")
    expect(shown.get_by_role("row", name="Addresses looked at")).to_contain_text("(missed)")
    expect(shown).to_contain_text("the drill before:")
    assert find_barriers(other.page) == []
    assert other.go("/drills/") == 200
    rows = other.page.get_by_role("table", name="Scores of drills").locator("tbody tr")
    assert [text.split()[0] for text in rows.all_inner_texts()] == ["second", "first"]
    before, after = (float(row.locator("td").last.inner_text()) for row in (rows.nth(1), rows.nth(0)))
    assert after > before


def read_lessons(seen: Visit) -> None:
    assert seen.go("/lessons/") == 200
    expect(seen.page.locator("main")).to_contain_text("Addresses looked at: 0 %, not 100 %")
