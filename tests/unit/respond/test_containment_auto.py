import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from codered import respond
from codered.collect.process_identity import identify_process
from codered.model.finding import Finding, Subject
from codered.model.firewall import Session
from codered.model.process import ProcessId
from codered.model.traffic import Actor, ScanVerdict
from codered.remediate.keeping.records import ContainmentFolder, list_containments
from codered.remediate.keeping.starting import stop_keeper
from codered.respond import containing
from codered.respond.containment_aims import AutoOrders, First
from codered.respond.containment_auto import AutoContainment, Deed
from codered.scan.behaviour import Seen
from codered.targets import open_target
from tests.fixtures.command import SOURCE
from tests.fixtures.contained import within
from tests.fixtures.networks import Network, running_network

ORDERS = AutoOrders(ports=(80, 443), undo_after=600)
VERDICT = ScanVerdict(
    at=1.0, actor=b"pid 1 1", source=b"", kind="scan", protocol="tcp", port=80, confidence="confirmed", because="a scan"
)


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network() as found:
        yield found


@pytest.fixture(autouse=True)
def own_state(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    yield
    for name in list_containments(respond.state_folder()):
        stop_keeper(ContainmentFolder(respond.state_folder(), name))
    network.host.run("nft", "flush", "ruleset")


@pytest.fixture
def scanner() -> Iterator[subprocess.Popen[bytes]]:
    """A child that stands for the process that scans."""
    with subprocess.Popen(["sleep", "300"]) as process:
        yield process
        process.kill()


def see(pid: int, *, port: int = 80, **more: Any) -> Seen:
    """`more` is known of the actor."""
    finding = Finding(
        id=f"f{pid}-{port}", pack="heuristics", indicator="horizontal-scan", layer="network", confidence="confirmed",
        severity="high", subject=Subject(kind="process", pid=pid), because="It reaches for hosts it knows nothing of.",
    )  # fmt: skip
    actor = Actor(address="10.20.30.40", process=identify_process(pid) if pid else None, **more)
    return Seen(replace(VERDICT, port=port), actor, finding)


class Bench:
    """Acts in the network of the test, at a time that the test sets."""

    def __init__(self, network: Network, orders: AutoOrders, spared: Callable[[int], str] = lambda _: "") -> None:
        self.now = 0.0
        self._network = network
        self.auto = AutoContainment(open_target(), orders, spared, lambda: self.now)
        within(network.host, self.auto.make_ready)

    def act(self, seen: Seen) -> Deed:
        return within(self._network.host, lambda: self.auto.act(seen))

    def end(self) -> None:
        for name in containing.list_in_force():
            within(self._network.host, partial(containing.lift, name, open_target(), lambda _: None))
        self.auto.close()


def life_of(process: subprocess.Popen[bytes]) -> str:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_the_port_is_blocked_and_the_process_frozen_until_it_is_undone(
    network: Network, scanner: subprocess.Popen[bytes]
) -> None:
    bench = Bench(network, ORDERS)
    deed = bench.act(see(scanner.pid))
    assert containing.list_in_force() == (deed.plan,)
    assert (life_of(scanner), "is frozen" in deed.story) == ("T", True)
    record = containing.read_record(deed.plan)
    assert (record.kind, record.order.users, record.order.frames) == ("block_outbound", (os.getuid(),), False)
    assert bench.act(see(scanner.pid)) == ("", "contained already", 0.0)
    bench.end()
    assert (life_of(scanner), containing.list_in_force()) == ("S", ())


@pytest.mark.parametrize(
    ("first", "kind"), [("block", "block_outbound"), ("throttle", "throttle_outbound"), ("isolate", "isolate_host")]
)
def test_what_it_does_first_is_chosen(
    network: Network, scanner: subprocess.Popen[bytes], first: First, kind: str
) -> None:
    bench = Bench(network, replace(ORDERS, first=first))
    deed = bench.act(see(scanner.pid, port=8080))  # also a port for which nothing lies ready
    assert containing.read_record(deed.plan).kind == kind
    assert life_of(scanner) == "S"
    bench.end()


def test_freezing_alone_leaves_the_firewall(network: Network, scanner: subprocess.Popen[bytes]) -> None:
    bench = Bench(network, replace(ORDERS, first="freeze"))
    deed = bench.act(see(scanner.pid))
    assert (life_of(scanner), containing.list_in_force()) == ("T", ())
    assert network.host.run("nft", "list", "ruleset").stdout == ""
    bench.now = 599.0
    assert (bench.auto.release_due(), bench.auto.still_frozen()) == ([], (deed.plan,))
    bench.now = 600.0
    assert deed.plan in bench.auto.release_due()[0]
    assert (life_of(scanner), bench.auto.still_frozen()) == ("S", ())
    bench.end()


def test_a_raw_frame_has_no_process_and_its_port_is_blocked(network: Network) -> None:
    bench = Bench(network, ORDERS)
    assert bench.act(see(0)).plan == containing.list_in_force()[0]
    bench.end()


def test_only_what_is_confirmed_and_may_be_touched(network: Network, scanner: subprocess.Popen[bytes]) -> None:
    bench = Bench(network, ORDERS, lambda pid: "it runs this tool" if pid == 4 else "")
    seen = see(scanner.pid)
    likely = seen._replace(verdict=replace(VERDICT, confidence="likely"))
    weighed = seen._replace(finding=replace(seen.finding, confidence="suspicious"))
    spared = seen._replace(actor=replace(seen.actor, process=ProcessId(4, 1)))
    for other in (likely, weighed, spared, seen._replace(allowed=True)):
        deed = bench.act(other)
        assert (deed.plan, "not contained" in deed.story) == ("", True)
    assert (life_of(scanner), containing.list_in_force()) == ("S", ())
    bench.end()


def test_so_many_an_hour_and_no_more(network: Network, scanner: subprocess.Popen[bytes]) -> None:
    bench = Bench(network, replace(ORDERS, first="block", cap=2))
    kinds = [containing.read_record(bench.act(see(scanner.pid, port=port)).plan).kind for port in (80, 443, 8080)]
    assert kinds == ["block_outbound", "block_outbound", "throttle_outbound"]  # one step up, once
    assert "cap that was set" in bench.act(see(scanner.pid, port=8081)).story
    bench.now = 3601.0
    assert containing.read_record(bench.act(see(scanner.pid, port=8080)).plan).kind == "block_outbound"
    bench.end()


def test_a_failure_does_not_use_the_cap_up_and_a_program_does_once(network: Network) -> None:
    bench = Bench(network, replace(ORDERS, first="freeze", cap=1))
    gone = see(os.getpid())
    for _ in range(3):
        assert bench.act(gone._replace(actor=replace(gone.actor, process=ProcessId(1 << 22, 7)))).plan == ""
    with subprocess.Popen(["sleep", "300"]) as one, subprocess.Popen(["sleep", "300"]) as two:
        for process in (one, two):
            seen = see(process.pid, program="/usr/bin/sleep", user="root")
            assert bench.act(seen).plan
            assert bench.act(seen).story == "contained already"
        other = see(two.pid, program="/usr/bin/other", user="root")
        respond.undo(respond.read_plan(respond.plan_file(bench.auto.still_frozen()[1])), open_target(), lambda _: None)
        assert "cap that was set" in bench.act(other).story
        one.kill()
        two.kill()
    bench.end()


def test_who_has_ended_has_its_port_slowed_for_all_and_not_closed(network: Network) -> None:
    bench = Bench(network, ORDERS)
    seen = see(os.getpid())
    deed = bench.act(seen._replace(actor=replace(seen.actor, process=ProcessId(1 << 22, 7))))
    record = containing.read_record(deed.plan)
    assert (record.kind, [port.first for port in record.order.ports]) == ("throttle_outbound", [80])
    assert "it has ended" in deed.story
    bench.end()


def test_a_raw_frame_contains_nothing_where_guests_send_theirs_through_this_host(network: Network) -> None:
    bench = Bench(network, ORDERS)
    network.host.run("ip", "link", "add", "guests", "type", "bridge")
    try:
        deed = bench.act(see(0))
        assert (deed.plan, "through guests" in deed.story) == ("", True)
        assert containing.list_in_force() == ()
    finally:
        network.host.run("ip", "link", "del", "guests")
    bench.end()


def test_sessions_that_came_later_are_allowed(network: Network, scanner: subprocess.Popen[bytes]) -> None:
    later = (Session(local="10.20.30.40", local_port=22, remote="10.20.30.1", remote_port=4000),)
    bench = Bench(network, replace(ORDERS, first="isolate"))
    assert within(network.host, lambda: bench.auto.allow(later))
    assert not within(network.host, lambda: bench.auto.allow(later))
    assert containing.read_record(bench.act(see(scanner.pid)).plan).order.sessions == later
    bench.end()


def test_only_so_many_ports_are_closed_for_one_user(network: Network) -> None:
    bench = Bench(network, replace(ORDERS, cap=1))
    with subprocess.Popen(["sleep", "300"]) as one, subprocess.Popen(["sleep", "300"]) as two:
        first = bench.act(see(one.pid, program="/usr/bin/sleep"))
        second = bench.act(see(two.pid, port=443, program="/usr/bin/sleep"))
        assert (second.plan, "closed for its users already" in second.story) == (first.plan, True)
        assert [life_of(one), life_of(two)] == ["T", "T"]
        bench.end()
        assert [life_of(one), life_of(two)] == ["S", "S"]
        one.kill()
        two.kill()


def test_what_was_never_needed_leaves_nothing(network: Network, tmp_path: Path) -> None:
    bench = Bench(network, ORDERS)
    assert list((tmp_path / "state/cases").iterdir()) != []
    bench.auto.close()
    assert list((tmp_path / "state/cases").iterdir()) == []
    assert list((tmp_path / "state/plans").iterdir()) == []
