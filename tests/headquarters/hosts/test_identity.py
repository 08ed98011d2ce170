"""What proves who a record speaks of."""

from codered_hq.hosts.identity import IdentityIndex, Verdict, find_shared, list_identifiers
from codered_hq.model.inventory import HostRecord
from tests.fixtures.inventories import NOW

MAC = "02:00:00:00:00:01"


def make_index(*known: tuple[int, str, str]) -> IdentityIndex:
    index = IdentityIndex()
    for host, kind, value in known:
        index.add(host, kind, value)
    return index


def test_what_proves_more_decides() -> None:
    index = make_index((1, "serial", "S1"), (1, "mac", MAC), (2, "name", "web"), (2, "serial", "S2"))
    assert index.judge(HostRecord(serial="S1", name="web")) == Verdict(1, shared=(("name", "web"),))
    assert index.judge(HostRecord(mac=MAC, serial="S9")) == Verdict(None, shared=(("mac", MAC),))
    assert index.judge(HostRecord(name="web")) == Verdict(2)
    assert index.judge(HostRecord(address="10.0.0.1")) == Verdict(None)


def test_one_machine_known_by_two_things_and_a_name_that_moved() -> None:
    index = make_index((1, "mac", MAC), (2, "name", "web"))
    assert index.judge(HostRecord(mac=MAC, name="web")) == Verdict(1, same=2)
    index.add(2, "mac", "02:00:00:00:00:02")
    assert index.judge(HostRecord(mac=MAC, name="web")) == Verdict(1, shared=(("name", "web"),))


def test_what_is_shared_is_forgotten_and_may_be_looks_at_everything() -> None:
    index = make_index((1, "mac", MAC), (1, "name", "a"))
    index.share("mac", MAC)
    index.add(2, "mac", MAC)
    assert index.judge(HostRecord(mac=MAC)) == Verdict(None)
    assert index.may_be(1, HostRecord(name="a"))
    assert not index.may_be(1, HostRecord(name="b"))
    assert index.may_be(99, HostRecord(name="b"))


def test_joined_hosts_are_one() -> None:
    index = make_index((1, "mac", MAC), (2, "name", "web"))
    index.join(1, 2)
    assert index.judge(HostRecord(name="web")) == Verdict(1)


def test_shared_within_a_source() -> None:
    rows = [
        HostRecord(name="a", mac=MAC), HostRecord(name="a", mac="02:00:00:00:00:02"), HostRecord(name="b", mac=MAC),
        HostRecord(name="c", mac="02:00:00:00:00:03", current=False),
        HostRecord(name="c", mac="02:00:00:00:00:04", seen_at=NOW),
    ]  # fmt: skip
    assert find_shared(rows) == {("name", "a"), ("mac", MAC)}
    cloned = [HostRecord(mac=MAC, machine_id="1"), HostRecord(mac=MAC, machine_id="2")]
    assert find_shared(cloned) == {("mac", MAC)}
    assert list_identifiers(HostRecord(name="a", address="10.0.0.1", agent_key="k")) == {"agent_key": "k", "name": "a"}


def test_a_name_alone_leads_to_no_host_with_other_cards_and_a_key_alone_decides() -> None:
    index = make_index((1, "mac", MAC), (1, "name", "dc1"), (1, "agent_key", "k"), (1, "machine_id", "m1"))
    other = "66:66:66:66:66:66"
    assert index.judge(HostRecord(name="dc1", mac=other)) == Verdict(None, shared=(("name", "dc1"),))
    assert index.judge(HostRecord(name="dc1")) == Verdict(1)
    assert index.judge(HostRecord(name="dc1", mac=other, machine_id="m1")) == Verdict(1)
    assert index.judge(HostRecord(agent_key="k", machine_id="m2")) == Verdict(1)
    assert (index.denies(1, "machine_id", "m2"), index.denies(1, "mac", other), index.denies(9, "serial", "s")) == (
        True,
        False,
        False,
    )
