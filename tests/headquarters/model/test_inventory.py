"""Records come back from JSON as they were."""

import msgspec
import pytest

from codered_hq.model.inventory import HostRecord, Inventory, Source, SubnetRecord
from tests.fixtures.inventories import NOW


def test_an_inventory_is_a_value() -> None:
    whole = Inventory(
        source=Source(kind="hand", name="x"), subnets=(SubnetRecord(range="10.0.0.0/8"),),
        hosts=(HostRecord(address="10.0.0.1", seen_at=NOW, tags=("a",)),),
    )  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Inventory) == whole
    with pytest.raises(msgspec.ValidationError, match="criticality"):
        msgspec.json.decode(b'{"criticality": "huge"}', type=HostRecord)
