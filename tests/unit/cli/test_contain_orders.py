from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.cli.contain_options import OnOptions
from codered.cli.contain_orders import list_pack_ports, merge_ports, read_networks, read_ports, read_rate, read_wish
from codered.cli.running import load_named_packs
from codered.model.errors import WrongUse
from codered.model.firewall import PortRange, Session

NOTHING = OnOptions(
    isolate=False, block=(), packs=(), throttle=None, allow=(), confirm_within=None, undo_after=None,
    survive_reboot=False, freeze=(), cut_my_session=False, dry_run=False, yes=False, as_json=False,
)  # fmt: skip
OURS = (Session(local="192.0.2.1", local_port=22, remote="192.0.2.9", remote_port=50000),)


def tcp(first: int, last: int = 0) -> PortRange:
    return PortRange(protocol="tcp", first=first, last=last or first)


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("80", (tcp(80),)),
        ("tcp:80,443", (tcp(80), tcp(443))),
        ("tcp:8000-8100", (tcp(8000, 8100),)),
        ("udp:53", (PortRange(protocol="udp", first=53, last=53),)),
    ],
)
def test_ports_are_read(text: str, ports: tuple[PortRange, ...]) -> None:
    assert read_ports(text) == ports


@pytest.mark.parametrize("text", ["", "tcp:", "tcp:0", "tcp:65536", "90-80", "icmp:1", "80,", "80 443", "tcp:1-2-3"])
def test_what_are_no_ports_is_told(text: str) -> None:
    with pytest.raises(WrongUse, match="are no ports"):
        read_ports(text)


def read_or_refuse(read: Callable[[str], object], text: str) -> str:
    try:
        return repr(read(text))
    except WrongUse as error:
        return str(error)


@given(text=st.text(max_size=60))
def test_any_text_is_ports_a_rate_and_a_network_or_wrong_use(text: str) -> None:
    for read in (read_ports, read_rate, lambda one: read_networks((one,))):
        assert "\n" not in read_or_refuse(read, text)


@pytest.mark.parametrize(("text", "rate"), [("2/s", 2.0), ("30/m", 0.5), ("0.5/s", 0.5), ("36/h", 0.01)])
def test_rates_are_read(text: str, rate: float) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["", "0/s", "2", "2/d", "-1/s", "9999999/s"])
def test_what_is_no_rate_is_told(text: str) -> None:
    with pytest.raises(WrongUse, match="is no rate"):
        read_rate(text)


def test_networks_are_made_plain() -> None:
    assert read_networks(("10.1.2.3/8", "192.0.2.7", "10.0.0.0/8")) == ("10.0.0.0/8", "192.0.2.7/32")


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0"])
def test_the_whole_internet_is_no_network_to_allow(text: str) -> None:
    with pytest.raises(WrongUse, match="everything"):
        read_networks((text,))


def test_ports_are_merged() -> None:
    assert merge_ports([tcp(81), tcp(80), tcp(80), tcp(443), tcp(82, 90)]) == (tcp(80, 90), tcp(443))
    with pytest.raises(WrongUse, match="ranges"):
        merge_ports([tcp(port) for port in range(1, 1000, 2)])


def test_isolating_is_what_is_done_if_nothing_is_named() -> None:
    wish = read_wish(NOTHING._replace(allow=("192.0.2.0/24",)), OURS)
    assert (wish.kind, wish.order.sessions, wish.order.management) == ("isolate_host", OURS, ("192.0.2.0/24",))
    assert wish.order.destroy


def test_blocking_and_throttling() -> None:
    block = read_wish(NOTHING._replace(block=("tcp:80", "443")), OURS)
    assert (block.kind, block.order.ports, block.order.sessions) == ("block_outbound", (tcp(80), tcp(443)), OURS)
    slow = read_wish(NOTHING._replace(throttle="2/s"), ())
    assert (slow.kind, slow.order.per_second, slow.order.ports) == ("throttle_outbound", 2.0, ())
    assert not slow.order.destroy


def test_what_could_be_meant_in_two_ways_is_refused() -> None:
    for asked in (NOTHING._replace(block=("80",)), NOTHING._replace(packs=("codered2",))):
        with pytest.raises(WrongUse, match="twice"):
            read_wish(asked._replace(throttle="2/s"), ())
    with pytest.raises(WrongUse, match="besides"):
        read_wish(NOTHING._replace(freeze=(4711,)), ())
    assert read_wish(NOTHING._replace(freeze=(4711,), isolate=True), ()).kind == "isolate_host"


def test_the_ports_of_a_pack() -> None:
    wish = read_wish(NOTHING._replace(packs=("codered2",)), ())
    assert wish.kind == "block_outbound"
    assert tcp(80) in wish.order.ports
    assert "codered2" in wish.because
    assert list_pack_ports(tuple(loaded.pack for loaded in load_named_packs(("codered2",))))


def test_isolating_stands_alone() -> None:
    with pytest.raises(WrongUse, match="stands alone"):
        read_wish(NOTHING._replace(isolate=True, block=("80",)), ())
