from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from codered.cli.contain_views import answer_status, render_containment, render_status, tell_ports, tell_rate
from codered.model.containment import ContainmentRecord
from codered.model.firewall import ContainmentStatus, FirewallOrder, FirewallState, PortRange, Session
from codered.model.paths import FilePath
from codered.model.plan import Action, Plan
from codered.model.target import TargetInfo

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
ORDER = FirewallOrder(
    sessions=(Session(local="10.20.30.40", local_port=22, remote="10.0.0.5", remote_port=51234),),
    management=("192.0.2.0/24",),
)
RECORD = ContainmentRecord(
    plan="contain-1", action="a1", name="codered-1", kind="isolate_host", order=ORDER, because="a test", since=NOW,
    boot="b", opens=NOW + timedelta(seconds=60), undo_at=NOW + timedelta(hours=2),
)  # fmt: skip
PLAN = Plan(
    id="contain-1", tool="t", created=NOW, report_id="", packs=(),
    target=TargetInfo(kind="live_linux", root="/", host="web-1\x1b[31m"),
    actions=(
        Action(
            id="a1", kind="isolate_host", path=FilePath("/proc/net"), expects=FirewallState(name="codered-1"),
            because="a test", firewall=ORDER,
        ),
    ),
)  # fmt: skip


def make_status(**more: Any) -> ContainmentStatus:
    plain: dict[str, Any] = {"plan": "contain-1", "kind": "isolate_host", "state": "holding", "since": NOW}
    return ContainmentStatus(**plain | {"kept_by": 7} | more)


def test_who_agrees_sees_what_stops_stays_and_ends() -> None:
    text = render_containment(PLAN, RECORD)
    assert "this session: 10.0.0.5:51234 to 10.20.30.40:22" in text
    assert "only from 192.0.2.0/24" in text
    assert "by itself after 60 s, unless: codered contain confirm contain-1" in text
    assert "2026-11-22 05:12:00 UTC" in text
    assert "codered contain off contain-1" in text
    assert "\x1b" not in text


def test_an_isolated_host_without_a_network_says_that_nobody_gets_in() -> None:
    text = render_containment(PLAN, replace(RECORD, order=FirewallOrder(), opens=None, undo_at=None))
    assert "from nowhere: see --allow" in text
    assert "by itself" not in text


def test_blocking_and_throttling_in_words() -> None:
    ports = (PortRange(protocol="tcp", first=80, last=80), PortRange(protocol="udp", first=500, last=510))
    block = replace(RECORD, kind="block_outbound", order=FirewallOrder(ports=ports))
    assert "connections out to tcp 80, udp 500-510" in render_containment(PLAN, block)
    slow = replace(RECORD, kind="throttle_outbound", order=FirewallOrder(per_second=0.5, burst=20))
    assert "all ports beyond 30 a minute (the first 20 pass)" in render_containment(PLAN, slow)
    assert tell_rate(FirewallOrder(per_second=2.0)) == "2 a second"
    assert tell_rate(FirewallOrder(per_second=2 / 3600)) == "2 an hour"
    assert tell_ports(()) == "all ports"


@pytest.mark.parametrize(
    ("state", "words"),
    [("holding", "holds"), ("armed", "not confirmed"), ("opened", "OPEN"), ("flushed", "OPEN"), ("off", "off")],
)
def test_each_state_has_its_words(state: str, words: str) -> None:
    assert words in render_status(make_status(state=state), NOW)


def test_a_status_says_how_long_and_who() -> None:
    status = make_status(state="armed", opens=NOW + timedelta(seconds=42), packets=1204, kept_by=0)
    text = render_status(status, NOW)
    assert "opens in 42 s" in text
    assert "1,204 packets stopped" in text
    assert "nobody keeps it" in text


def test_a_status_says_what_is_contained() -> None:
    ports = (PortRange(protocol="tcp", first=80, last=80),)
    order = FirewallOrder(ports=ports, management=("192.0.2.0/24",))
    text = render_status(make_status(kind="block_outbound", order=order, frozen=(4711,), because="a b " * 200), NOW)
    assert "stops   connections out to tcp 80" in text
    assert "stays   networks: 192.0.2.0/24" in text
    assert "frozen  process 4711" in text
    assert max(len(line) for line in text.splitlines()) < 260
    text = render_status(
        make_status(kind="throttle_outbound", state="flushed", order=FirewallOrder(per_second=2.0)), NOW
    )
    assert ("stops " in text, "beyond 2 a second" in text) == (False, True)


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ((), 0),
        ((make_status(),), 0),
        ((make_status(state="off", kept_by=0),), 0),
        ((make_status(kept_by=0),), 3),
        ((make_status(kept_by=0), make_status(state="flushed")), 1),
        ((make_status(state="opened"),), 1),
    ],
)
def test_the_answer(statuses: tuple[ContainmentStatus, ...], code: int) -> None:
    assert answer_status(statuses) == code
