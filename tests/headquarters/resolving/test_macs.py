import pytest

from codered_hq.resolving.macs import explain_mac, is_machine_mac


@pytest.mark.parametrize(
    ("mac", "why"),
    [
        ("00:00:00:00:00:00", "nobody"),
        ("ff:ff:ff:ff:ff:ff", "everybody"),
        ("01:00:5e:00:00:fb", "a group"),
        ("00:00:5e:00:01:07", "VRRP"),
        ("00:00:0c:07:ac:32", "HSRP"),
        ("00:00:0c:9f:f0:01", "HSRP 2"),
        ("", "not six octets"),
    ],
)
def test_what_is_no_machine(mac: str, why: str) -> None:
    assert why in explain_mac(mac)
    assert not is_machine_mac(mac)


def test_what_is_one() -> None:
    assert is_machine_mac("00:50:56:88:01:25")
    assert is_machine_mac("02:00:00:00:00:01")  # made up by a hypervisor, and a machine all the same
