import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.detect.log_addresses import NO_ADDRESS, OwnNetworks, normalise_address


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("PC1.Example.net", "pc1.example.net"),
        ("", NO_ADDRESS),
        ("-", NO_ADDRESS),
        ("x" * 1000, "x" * 255),
        ("10.0.0.1\0", "10.0.0.1\0"),
    ],
)
def test_one_spelling_for_each(text: str, usual: str) -> None:
    assert normalise_address(text) == usual


@given(st.ip_addresses())
def test_spellings_agree_with_the_standard_library(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    mapped = getattr(address, "ipv4_mapped", None)
    assert ipaddress.ip_address(normalise_address(str(address))) == (mapped or address)


@given(st.text(max_size=400))
def test_any_text_has_a_bounded_name(text: str) -> None:
    assert 0 < len(normalise_address(text)) <= 255
    OwnNetworks().hold(text)


@pytest.mark.parametrize(
    "text",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.1.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "localhost",
    ],
)
def test_own_by_default(text: str) -> None:
    assert OwnNetworks().hold(text)


@pytest.mark.parametrize(
    "text", ["11.0.0.1", "172.32.0.1", "192.169.0.1", "2001:db8::1", "::2", "10.example.net", "", "10.0.0.300"]
)
def test_not_own_by_default(text: str) -> None:
    assert not OwnNetworks().hold(text)


def test_given_networks_replace_the_default() -> None:
    own = OwnNetworks([ipaddress.ip_network("198.51.100.0/25"), ipaddress.ip_network("2001:db8::/32")])
    assert own.hold("198.51.100.127")
    assert own.hold("2001:db8:ffff::")
    assert not own.hold("198.51.100.128")
    assert not own.hold("10.0.0.1")
