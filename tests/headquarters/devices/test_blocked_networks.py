"""Networks that are blocked: one form, and never what we come from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.devices.blocked_networks import read_networks, tell_outcome
from codered_hq.model.device import ControlOrder

CONFIG = DeviceConfig(name="rt1", address="router.example", driver="nftables")


def make_order(*networks: str) -> ControlOrder:
    return ControlOrder(kind="block_address", device="rt1", label="cr-1", networks=networks)


@given(st.lists(st.text(max_size=30), max_size=4))
def test_what_is_no_network_is_refused(texts: list[str]) -> None:
    try:
        found = read_networks(make_order(*texts))
    except WrongUse:
        return
    assert 0 < len(found) <= len(texts)


def test_ours_are_left_alone() -> None:
    order = make_order("10.1.0.7", "10.1.0.7/32", "2001:db8::/64")
    assert tell_outcome(order, CONFIG, ["10.1.0.8", "2001:db9::1", "fe80::1%eth0"]).values == {
        "10.1.0.7/32": "blocked", "2001:db8::/64": "blocked",
    }  # fmt: skip
    for ours in ("10.1.0.7", "2001:db8::9"):
        with pytest.raises(WrongUse, match="which we come by"):
            tell_outcome(order, CONFIG, [ours])
    with pytest.raises(WrongUse, match="give 1 to 1000"):
        read_networks(make_order(*(f"10.{one // 250}.{one % 250}.0/24" for one in range(1001))))
