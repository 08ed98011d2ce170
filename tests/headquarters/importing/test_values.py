import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered_hq.importing.values import (
    NoRecord,
    Unfit,
    read_address,
    read_choice,
    read_client_id,
    read_data,
    read_list,
    read_mac,
    read_name,
    read_number,
    read_range,
    read_text,
    read_word,
    read_words,
    show,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" 10.0.0.1 ", "10.0.0.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text", ["", "10.0.0.256", "10.0.0.01", "10.1", "x" * 99, "1.2.3.4/24", "0x7f.1", "10.0.0.1\0"]
)
def test_no_addresses(text: str) -> None:
    with pytest.raises(Unfit, match="not an address"):
        read_address(text)


@pytest.mark.parametrize(
    "text", ["0.0.0.0", "127.0.0.1", "::1", "224.0.0.1", "255.255.255.255", "169.254.1.1", "fe80::1%eth0", "ff02::1"]
)
def test_addresses_of_no_one_machine(text: str) -> None:
    with pytest.raises(NoRecord):
        read_address(text)


@pytest.mark.parametrize(
    ("text", "mask", "expected"),
    [
        ("10.0.0.0/24", "", ("10.0.0.0/24", "")),
        ("10.0.0.5/24", "", ("10.0.0.0/24", "10.0.0.5/24 has host bits: taken as 10.0.0.0/24")),
        ("10.0.0.0 255.255.0.0", "", ("10.0.0.0/16", "")),
        ("10.0.0.0", "255.255.255.0", ("10.0.0.0/24", "")),
        ("10.0.0.0 - 10.0.0.255", "", ("10.0.0.0/24", "")),
        ("2001:db8::/48", "", ("2001:db8::/48", "")),
        ("10.0.0.7", "", ("10.0.0.7/32", "")),
    ],
)
def test_ranges(text: str, mask: str, expected: tuple[str, str]) -> None:
    assert read_range(text, mask) == expected


@pytest.mark.parametrize(
    "text",
    ["", "10.0.0.0/33", "0.0.0.0/0", "127.0.0.0/8", "224.0.0.0/4", "10.0.0.1-10.0.0.9", "b-a", "::-1.2.3.4", "9" * 200],
)
def test_no_ranges(text: str) -> None:
    with pytest.raises(Unfit):
        read_range(text)


@pytest.mark.parametrize(
    "text", ["00-15-5D-0A-0B-0C", "0015.5d0a.0b0c", "00155d0a0b0c", "0:15:5d:a:b:c", "00155d-0a0b0c"]
)
def test_macs(text: str) -> None:
    assert read_mac(text) == "00:15:5d:0a:0b:0c"


@pytest.mark.parametrize(
    "text", ["", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "00:11:22:33:44", "zz" * 6]
)
def test_no_macs(text: str) -> None:
    with pytest.raises(Unfit) as told:
        read_mac(text)
    assert not isinstance(told.value, NoRecord)


def test_macs_that_many_machines_have() -> None:
    for text, why in (("00:00:5e:00:01:0a", "VRRP"), ("0000.0c07.ac01", "HSRP"), ("44:45:53:54:00:00", "dial-up")):
        with pytest.raises(NoRecord, match=why):
            read_mac(text)
    assert read_client_id("01:52:54:00:00:00:01") == "52:54:00:00:00:01"
    with pytest.raises(Unfit, match="not an Ethernet address"):
        read_client_id("ff:52:54:00:00:00:01")
    assert b"VRRP" in read_data("macs.json")


def test_names() -> None:
    assert read_name("WEB-01.Example.org.") == "web-01.example.org"
    assert read_name("_gateway") == "_gateway"
    assert [read_name(word) for word in ("", "*", "-", "N/A")] == [""] * 4
    for text in ("-rf", "a b", "a\x1b[2J", "a\u202eb", "x" * 300, "a/b", "10.0.0.1", "{{x}}", "a;b", "_"):
        with pytest.raises(Unfit):
            read_name(text)
    with pytest.raises(NoRecord, match="tells no machine"):
        read_name("localhost")


def test_texts_lists_numbers_and_words() -> None:
    assert read_text("  Anna Müller ") == "Anna Müller"
    assert read_text("a\nb", lines=True) == "a\nb"
    for text in ("a\nb", "x\x1by", "a\u202eb", "x" * 256):
        with pytest.raises(Unfit):
            read_text(text)
    assert read_list("a, b;a\nc,") == ("a", "b", "c")
    assert read_list(["x y", "z"]) == ("x y", "z")
    with pytest.raises(Unfit, match="more than 100"):
        read_list([str(n) for n in range(200)])
    assert read_number("4094", 4094) == 4094
    for text in ("4095", "-1", "1e3", "", "٣", "9" * 50):
        with pytest.raises(Unfit):
            read_number(text, 4094)
    assert read_word(read_words().criticality, "Critical") == "vital"
    assert read_choice(("open", "lab"), "LAB") == "lab"
    with pytest.raises(Unfit, match="none of open, lab"):
        read_choice(("open", "lab"), "x")
    assert show("a\x1b" + "b" * 100) == "a\\x1b" + "b" * 58 + "…"


@given(st.text(max_size=80) | st.from_regex(r"[0-9a-fA-F:.%/-]{0,50}"))
def test_nothing_but_unfit_comes_of_hostile_text(text: str) -> None:
    for read in (read_address, read_range, read_mac, read_client_id, read_name, read_text, read_list):
        try:
            value = read(text)
        except Unfit:
            continue
        if read is read_address:
            assert isinstance(value, str)
            assert str(ipaddress.ip_address(value)) == value
        if read is read_mac:
            assert isinstance(value, str)
            assert len(value) == 17
