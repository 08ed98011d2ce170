"""What a person says of a subnet holds, whatever is imported after."""

import pytest

from codered.model.errors import WrongUse
from codered_hq.hosts.disputes import find_disputes
from codered_hq.hosts.gaps import find_gaps
from codered_hq.hosts.models import Subnet
from codered_hq.hosts.recording import record_inventory
from codered_hq.hosts.settling import find_subnet, settle_subnet
from codered_hq.model.inventory import Inventory, Source, SubnetRecord, ZoneRecord
from tests.fixtures.inventories import HOUR, NOW

pytestmark = pytest.mark.django_db
RANGE = "10.1.0.0/24"


def document(name: str, hours: int, **facts: object) -> None:
    source = Source(kind="csv", name=name)
    subnets = (SubnetRecord(range=RANGE, **facts),)  # type: ignore[arg-type]
    inventory = Inventory(source=source, subnets=subnets, zones=(ZoneRecord(name="plant", kind="open"),))
    record_inventory(inventory, NOW + hours * HOUR)


def list_conflicts() -> list[str]:
    return [gap.why for gap in find_gaps(NOW) if gap.kind == "conflict: subnet"]


def test_what_is_settled_is_no_gap_and_stays_so_after_the_next_import() -> None:
    document("a", 0, vlan=11, site="HQ")
    document("b", 1, vlan=12, site="Annex")
    assert [why.count(" by csv:") for why in list_conflicts()] == [4]
    changed = settle_subnet(find_subnet(RANGE), {"vlan": "11", "zone": "plant", "owner": "shop"}, NOW + 2 * HOUR)
    assert changed == {"vlan": ("12", "11"), "zone": ("", "plant"), "owner": ("", "shop")}
    assert [why[:8] for why in list_conflicts()] == ["site HQ "]  # nobody settled that
    assert settle_subnet(find_subnet(RANGE), {"site": "HQ"}, NOW + 3 * HOUR) == {"site": ("Annex", "HQ")}
    document("b", 4, vlan=13, site="Barn", owner="ops")
    for number in range(30):
        document(f"c{number}", 5, vlan=14)
    subnet = Subnet.objects.get()
    assert (subnet.vlan, subnet.site, str(subnet.zone), str(subnet.owner)) == (11, "HQ", "plant", "shop")
    assert list(find_disputes(subnet)) == []
    assert settle_subnet(find_subnet(RANGE), {"vlan": "14"}, NOW + 6 * HOUR) == {"vlan": ("11", "14")}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"vlan": "0"}, "no VLAN"),
        ({"vlan": "4095"}, "no VLAN"),
        ({"vlan": "x"}, "no VLAN"),
        ({"zone": "pl"}, "plant"),
    ],
)
def test_what_can_not_be_is_refused_and_changes_nothing(said: dict[str, str], words: str) -> None:
    document("a", 0, vlan=11)
    with pytest.raises(WrongUse, match=words):
        settle_subnet(find_subnet(RANGE), {"site": "Barn"} | said, NOW)
    assert Subnet.objects.get().site == ""


def test_only_a_documented_range_is_one() -> None:
    document("a", 0)
    for range_ in ("10.1.0.0/25", "nonsense", ""):
        with pytest.raises(WrongUse, match="is no documented subnet"):
            find_subnet(range_)
