"""Numbers that many machines share."""

import pytest

from codered_hq.hosts.models import Host, Identifier
from codered_hq.hosts.placeholders import is_placeholder
from codered_hq.model.inventory import HostRecord
from tests.fixtures.inventories import NOW, record

NONE = "00000000-0000-0000-0000-000000000000"


def test_words_defaults_and_one_character_again_and_again() -> None:
    shared = (
        "To be filled by O.E.M.", "TO BE FILLED BY O.E.M", "None", "none ", "0", "00000000", "Default string", NONE,
        "ffffffff-ffff-ffff-ffff-ffffffffffff", "03000200-0400-0500-0006-000700080009", "", "--",
        "System Serial Number", "0" * 32, "xxxxxxxx", "uninitialized", "Not Specified", "0123456789",
    )  # fmt: skip
    assert [value for value in shared if not is_placeholder(value)] == []
    own = (
        "VMware-42 1c 2e 77",
        "5CG1234XYZ",
        "4c4c4544-0042-3510-8052-b4c04f4d4e32",
        "PF0ABCDE",
        "S-1",
        "12345A",
        "10",
        "7",
        "11",
    )
    assert [value for value in own if is_placeholder(value)] == []


@pytest.mark.django_db
def test_two_machines_of_one_maker_stay_two() -> None:
    for number, serial in enumerate(("To be filled by O.E.M.", "Default string", "0")):
        macs = [f"02:00:00:00:{number:02x}:{end}" for end in ("01", "02")]
        record(*(
            HostRecord(
                name=f"pc-{number}-{mac[-1]}", mac=mac, serial=serial, machine_id=NONE, seen_at=NOW,
                address=f"10.0.{number}.{mac[-1]}",
            )
            for mac in macs
        ), kind="csv")  # fmt: skip
    assert Host.objects.count() == 6
    assert not Identifier.objects.filter(kind__in=("serial", "machine_id")).exists()
    assert not Identifier.objects.filter(shared=True).exists()
