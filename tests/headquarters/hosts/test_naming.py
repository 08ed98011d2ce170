"""Names that the network tells become records; who did not answer is counted with the reason."""

from collections.abc import Iterator, Sequence

import dns.resolver
import pytest

from codered.model.errors import WrongUse
from codered_hq.config import NamesConfig
from codered_hq.hosts import naming
from codered_hq.hosts.models import Host
from codered_hq.hosts.naming import Way, list_ways, resolve, resolve_by_wins
from codered_hq.model.inventory import HostRecord, Skipped
from tests.fixtures.inventories import NOW, make_host, record

pytestmark = pytest.mark.django_db
MAC = "02:00:00:00:00:01"


def answer(addresses: Sequence[str]) -> Iterator[HostRecord | Skipped]:
    """What a network may say: a name, a doubt about it, silence."""
    yield Skipped(where="stale.example", why="it leads to 10.9.9.9, not back to 10.1.0.1")
    yield HostRecord(address=addresses[0], netbios="web1", mac=MAC)
    for address in addresses[1:]:
        yield Skipped(where=address, why="NetBIOS: no answer")


def test_answers_doubts_and_silence_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "BATCH", 1)
    host = make_host("", "10.1.0.1")
    told: list[int] = []
    found = resolve(Way("node status", "netbios", answer), ["10.1.0.1", "10.1.0.2", "10.1.0.3"], NOW, told.append)
    assert (found.asked, found.answered, found.reasons) == (3, 1, {"NetBIOS: no answer": 2})
    assert [each.where for each in found.doubts] == ["stale.example"]
    host.refresh_from_db()
    assert (host.label, Host.objects.count(), told[-1]) == ("web1", 1, 3)
    assert not host.identifiers.filter(kind="mac").exists()  # anybody may answer with any MAC: it is told, not seen
    assert host.claims.get(kind="mac told").value == MAC


def test_ways_follow_the_config() -> None:
    assert [way.name for way in list_ways(NamesConfig(dns=("127.0.0.1",)))] == ["node status", "reverse DNS"]
    more = list_ways(NamesConfig(dns=("127.0.0.1",), multicast=True))
    assert [way.source for way in more] == ["netbios", "dns", "multicast", "multicast"]
    # NetBIOS knows no IPv6, and says so
    assert [each.why for each in more[0].ask(["fd00::1"]) if isinstance(each, Skipped)] == ["NetBIOS: knows no IPv6"]


def test_no_name_server_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver, "Resolver", refuse)
    with pytest.raises(WrongUse, match="no DNS server is known"):
        list_ways(NamesConfig())


def test_wins_is_asked_for_hosts_without_an_address_alone() -> None:
    make_host("has", "10.1.0.1")
    record(HostRecord(name="lost"))
    found = resolve_by_wins(list(Host.objects.order_by("label")), NamesConfig(wins=("127.0.0.1",)), NOW)
    assert (found.asked, found.answered, sum(found.reasons.values())) == (1, 0, 1)
