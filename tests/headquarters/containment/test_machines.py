"""Whose MACs and addresses they are; the strictest mark is there."""

import pytest

from codered_hq.containment.machines import (
    Machines,
    find_by_macs,
    find_in_networks,
    list_addresses,
    list_macs,
    write_subjects,
)
from codered_hq.hosts.models import Identifier, Tag
from tests.fixtures.inventories import make_host

MAC, SHARED, UNKNOWN = "02:00:00:00:01:01", "02:00:00:00:01:02", "02:00:00:00:01:03"


@pytest.mark.django_db
def test_machines() -> None:
    one, two = make_host("one", "10.1.0.1", mac=MAC), make_host("two", "10.1.0.2", mac=SHARED)
    at = one.first_seen
    Identifier.objects.filter(value=SHARED).update(shared=True)
    Identifier.objects.create(host=one, kind="mac", value=SHARED, shared=True, source="x", first_seen=at, last_seen=at)
    assert find_by_macs([MAC, UNKNOWN]) == Machines(frozenset([one.pk]), frozenset([UNKNOWN]))
    assert find_by_macs([SHARED]).hosts == {one.pk, two.pk}  # it may be either
    assert list_macs(one) == [MAC]  # what is shared tells no place
    assert find_in_networks(["10.1.0.0/24", "10.1.0.9/32"]) == Machines(
        frozenset([one.pk, two.pk]), frozenset(["10.1.0.9"])
    )
    assert list_addresses([one.pk, two.pk]) == ("10.1.0.1", "10.1.0.2")
    two.tags.add(Tag.objects.create(name="never_touch"))
    subjects = write_subjects(Machines(frozenset([one.pk, two.pk]), frozenset([UNKNOWN])))
    assert [(each.host, each.name) for each in subjects] == [(one.pk, "one"), (two.pk, "two"), (0, UNKNOWN)]
    assert "never_touch" in subjects[1].tags
