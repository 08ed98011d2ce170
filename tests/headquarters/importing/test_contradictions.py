from codered_hq.importing.contradictions import MOST_SIDES, find_contradictions
from codered_hq.model.inventory import HostRecord, Inventory, OwnerRecord, Source, SubnetRecord, ZoneRecord

SOURCE = Source(kind="csv", name="x")
MAC, OTHER = "52:54:00:00:00:01", "52:54:00:00:00:02"


def tell(*hosts: HostRecord) -> list[tuple[str, str]]:
    return [(each.kind, each.about) for each in find_contradictions(Inventory(source=SOURCE, hosts=hosts))]


def test_subnets_zones_and_owners() -> None:
    inventory = Inventory(
        source=SOURCE,
        subnets=(
            SubnetRecord(range="10.0.0.0/8"),
            SubnetRecord(range="10.1.0.0/16", vlan=1, note="a"),
            SubnetRecord(range="10.1.0.0/16", vlan=1, note="b"),
            SubnetRecord(range="10.2.0.0/16", vlan=1),
            SubnetRecord(range="10.2.0.0/16", vlan=2, tags=("x", "y")),
        ),
        zones=(ZoneRecord(name="plant", kind="lab"), ZoneRecord(name="plant", kind="protected")),
        owners=(OwnerRecord(name="Anna", phone="1"), OwnerRecord(name="Anna", phone="2")),
    )
    found = find_contradictions(inventory)
    assert [(each.kind, each.about) for each in found] == [
        ("subnet", "10.2.0.0/16"),
        ("zone", "plant"),
        ("owner", "Anna"),
    ]
    assert found[0].why == "documented twice with other facts: vlan 1 | vlan 2, tags x y"


def test_hosts() -> None:
    one = HostRecord(address="10.0.0.1", mac=MAC, name="pc-1")
    assert tell(one, one) == []
    assert tell(one, HostRecord(address="10.0.0.1", mac=OTHER)) == [("address", "10.0.0.1")]
    assert tell(one, HostRecord(address="10.0.0.1", name="pc-2")) == [("address", "10.0.0.1")]
    assert tell(one, HostRecord(address="10.0.0.1", name="pc-1.example.org")) == []
    assert tell(one, HostRecord(address="10.0.0.1", mac=OTHER, current=False)) == []
    assert tell(one, HostRecord(address="10.0.0.2", mac=OTHER, name="pc-1")) == [("name", "pc-1")]
    assert tell(one, HostRecord(address="2001:db8::1", mac=MAC, name="pc-1")) == []
    assert tell(one, HostRecord(address="10.0.0.2", mac=MAC)) == [("mac", MAC)]
    assert tell(one, HostRecord(mac=MAC, name="vm-2")) == [("mac", MAC)]
    names = Inventory(
        source=Source(kind="zone-file", name="x"), hosts=(one, HostRecord(address="10.0.0.1", name="www"))
    )
    assert find_contradictions(names) == ()
    a, b = (HostRecord(address=f"10.0.0.{n}", name="twin", serial=str(n)) for n in (1, 2))
    assert tell(a, b) == [("name", "twin")]
    many = find_contradictions(
        Inventory(source=SOURCE, hosts=tuple(HostRecord(mac=MAC, name=f"vm{n}") for n in range(30)))
    )
    assert many[0].why.count("|") == MOST_SIDES
    assert many[0].why.endswith("and 20 more")
