import pytest

from codered.export.controls.orders import CheckedOrder, ControlsOrder, check_order
from codered.model.firewall import PortRange


@pytest.fixture
def order() -> ControlsOrder:
    """Infected hosts and attackers of both families, a port and a range."""
    return ControlsOrder(
        infected=("192.0.2.5", "2001:db8::5"),
        attackers=("203.0.113.0/24", "198.51.100.7", "2001:db8::9"),
        ports=(PortRange(protocol="tcp", first=80, last=80), PortRange(protocol="udp", first=1000, last=1002)),
        management=("10.0.0.0/24", "2001:db8:1::/64"),
    )


@pytest.fixture
def checked(order: ControlsOrder) -> CheckedOrder:
    """The same, read."""
    return check_order(order)
