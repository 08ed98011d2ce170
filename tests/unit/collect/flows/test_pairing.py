import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.flows import pairing
from codered.collect.flows.chunk import Contact, OneWay
from codered.collect.flows.pairing import Pairing

HOST, FAR = b"\x0a\0\0\1", b"\xc0\0\2\1"
S, SA, RA, DATA = 0x02, 0x12, 0x14, 0x18


def out(at: float, flags: int = S, port: int = 80) -> OneWay:
    return OneWay(at, HOST, FAR, 50_000, port, "tcp", flags)


def back(at: float, flags: int, port: int = 80) -> OneWay:
    return OneWay(at, FAR, HOST, port, 50_000, "tcp", flags)


def pair(*flows: OneWay) -> list[Contact]:
    pairing = Pairing()
    return [contact for flow in flows for contact in pairing.take(flow)] + pairing.finish()


@pytest.mark.parametrize(
    ("flows", "outcome"),
    [
        ((out(1),), "silent"),
        ((out(1), out(4)), "silent"),
        ((out(1), back(1.1, RA)), "refused"),
        ((out(1, S | DATA), back(1.1, SA | DATA)), "answered"),
        ((back(1, SA | DATA), out(1, S | DATA)), "answered"),
        ((back(1.1, RA), out(1)), "refused"),
        ((out(1, -1), back(1.5, -1)), "answered"),
        ((out(1, -1),), "silent"),
        ((out(1, S | DATA),), "answered"),
    ],
)
def test_both_directions_make_one_contact(flows: tuple[OneWay, ...], outcome: str) -> None:
    contacts = pair(*flows)
    assert [(c.source, c.destination, c.port, c.outcome) for c in contacts] == [(HOST, FAR, 80, outcome)]
    assert contacts[0].at == 1


@pytest.mark.parametrize("flows", [(back(1, RA),), (out(1, DATA), back(1, DATA)), (back(1, -1),), (out(1, DATA),)])
def test_no_attempt_is_made_up(flows: tuple[OneWay, ...]) -> None:
    assert pair(*flows) == []


def test_who_waits_too_long_is_judged_alone() -> None:
    pairing = Pairing()
    assert pairing.take(out(1)) == []
    assert [contact.outcome for contact in pairing.take(out(500, port=81))] == ["silent"]


def test_the_table_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "MOST_WAITING", 10)
    table = Pairing()
    done = [contact for port in range(100) for contact in table.take(out(1, port=port))]
    assert len(done) == table.forgotten == 90


flows = st.builds(
    OneWay,
    st.floats(1, 1e4),
    st.sampled_from([HOST, FAR]),
    st.sampled_from([HOST, FAR]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["tcp", "udp"]),
    st.integers(-1, 255),
)


@given(st.lists(flows, max_size=30))
def test_never_more_contacts_than_flows(given_flows: list[OneWay]) -> None:
    assert len(pair(*given_flows)) <= len(given_flows)
