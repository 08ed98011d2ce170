"""How a containment is called."""

from codered_hq.containment.models import Containment


def test_names() -> None:
    assert str(Containment(kind="disable_port", device="sw1", port="p1")) == "disable_port sw1 p1"
    assert str(Containment(kind="shut_vlan", device="sw1", vlan=20)) == "shut_vlan sw1 20"
