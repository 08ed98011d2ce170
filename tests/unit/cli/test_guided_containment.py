from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from codered import respond
from codered.cli import changes
from codered.cli.guided_containment import contain_threats, end_containment, list_ports
from codered.cli.running import load_named_packs
from codered.model.errors import Refused
from codered.model.finding import Finding, Subject
from codered.model.firewall import PortRange
from codered.model.report import Report, Scanner, TrafficSummary
from codered.model.response import Asked
from codered.model.traffic import Actor
from codered.remediate.keeping.records import ContainmentFolder, list_containments
from codered.remediate.keeping.starting import stop_keeper
from codered.respond import containing
from codered.respond.book import ResponseBook, open_book, resume_book
from codered.respond.workflow import StepResult
from codered.targets import open_target
from tests.fixtures.command import SOURCE
from tests.fixtures.contained import within
from tests.fixtures.networks import Network, running_network

PACKS = load_named_packs(("codered2",))
WEB = PortRange(protocol="tcp", first=80, last=80)


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network() as found:
        yield found


@pytest.fixture(autouse=True)
def own_network(network: Network, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever is set here is set in the network of the test."""
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    yield
    for name in list_containments(respond.state_folder()):
        stop_keeper(ContainmentFolder(respond.state_folder(), name))
    network.host.run("nft", "flush", "ruleset")


def make_report(*packs: str, **more: Any) -> Report:
    findings = tuple(
        Finding(
            id=f"f{number}", pack=pack, indicator="one", layer="processes", confidence="confirmed", severity="high",
            subject=Subject(kind="process", pid=4_000_000), because="A test.",
        )
        for number, pack in enumerate(packs)
    )  # fmt: skip
    return Report(
        id="r1", tool="t", command=(), started=datetime.now(UTC), seconds=1.0, target=open_target().info, scope=(),
        verdict="infected", findings=findings, **more,
    )  # fmt: skip


def scanner(**more: Any) -> Scanner:
    plain: dict[str, Any] = {"protocol": "tcp", "ports": (445,), "confidence": "confirmed"}
    return Scanner(actor=Actor(), internal=True, because="A scan.", attempts=20, **plain | more)


def contain(network: Network, book: ResponseBook, report: Report, *, staged: bool = False) -> StepResult:
    return within(network.host, lambda: contain_threats(book, report, PACKS, staged=staged, agreed=True))


def end(network: Network, book: ResponseBook, *, is_clean: bool = True, agreed: bool = True) -> tuple[str, ...]:
    return within(network.host, lambda: end_containment(book, is_clean=is_clean, agreed=agreed))


def test_the_ports_of_the_threats_or_else_of_the_scan() -> None:
    packs = tuple(loaded.pack for loaded in PACKS)
    assert WEB in list_ports(make_report("codered2"), packs)
    assert list_ports(make_report(), ()) == ()
    seen = (scanner(), scanner(ports=(8080,), confidence="likely"), scanner(ports=(22,), allowed="an entry"),
            scanner(ports=(0,), protocol="arp"))  # fmt: skip
    report = make_report(traffic=TrafficSummary(scanners=seen))
    assert list_ports(report, ()) == (PortRange(protocol="tcp", first=445, last=445),)


def test_blocked_at_first_and_open_when_it_is_clean(network: Network) -> None:
    book = open_book(Asked())
    result = contain(network, book, make_report("codered2"))
    assert result.state == "done"
    assert any(line.startswith("Blocked on the way out until the host starts anew: tcp 80") for line in result.told)
    name = book.response.containment
    assert containing.list_in_force() == (name,)
    assert "found: codered2" in containing.read_record(name).because
    assert end(network, book, is_clean=False) == (f"The ports stay blocked: codered contain off {name}",)
    assert containing.list_in_force() == (name,)
    assert end(network, book) == ("The ports that were blocked are open again",)
    assert (containing.list_in_force(), end(network, book)) == ((), ())


def test_after_a_crash_it_is_found_again(network: Network) -> None:
    book = open_book(Asked())
    contain(network, book, make_report("codered2"))
    name = book.response.containment
    stop_keeper(containing.find_folder(name))
    again = resume_book(book.response.id)
    result = contain(network, again, make_report("codered2"))
    assert any("by an earlier run" in line for line in result.told)
    assert containing.list_in_force() == (name,)
    assert containing.find_folder(name).find_keeper() > 0
    end(network, again)


def refuse(*_: object) -> None:
    raise Refused("not confirmed; nothing was changed")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda report: replace(report, target=replace(report.target, kind="offline_root")), "does not run here"),
        (lambda report: replace(report, findings=()), "no threat that was found names a port"),
    ],
)
def test_where_there_is_nothing_to_set_it_says_why(
    network: Network, change: Callable[[Report], Report], words: str
) -> None:
    book = open_book(Asked())
    told = contain(network, book, change(make_report("codered2"))).told
    assert any("No firewall is set" in line and words in line for line in told)
    assert (book.response.containment, containing.list_in_force()) == ("", ())


def test_a_look_only_says_what_would_be_done(network: Network) -> None:
    result = contain(network, open_book(Asked()), make_report("codered2"), staged=True)
    assert (result.state, containing.list_in_force()) == ("staged", ())
    assert any("tcp 80" in line for line in result.told)


def test_who_does_not_want_it_goes_on_without(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    told = contain(network, open_book(Asked(no_firewall=True)), make_report("codered2")).told
    assert any("as you asked" in line for line in told)
    monkeypatch.setattr(changes, "ask", refuse)
    told = contain(network, open_book(Asked()), make_report("codered2")).told
    assert any("not confirmed" in line for line in told)
    assert containing.list_in_force() == ()


def test_without_a_firewall_the_rest_goes_on(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise Refused("libnftables.so.1 is missing")

    monkeypatch.setattr(containing, "begin", missing)
    result = contain(network, open_book(Asked()), make_report("codered2"))
    assert (result.state, any("libnftables.so.1 is missing" in line for line in result.told)) == ("done", True)


def test_whoever_keeps_it_closed_is_told_how_to_open_it(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    book = open_book(Asked())
    contain(network, book, make_report("codered2"))
    monkeypatch.setattr(changes, "ask", refuse)
    (line,) = end(network, book)
    assert f"codered contain off {book.response.containment}" in line
