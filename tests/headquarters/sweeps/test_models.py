"""The tables of sweeps."""

import pytest
from django.db import IntegrityError, transaction

from codered_hq.sweeps.models import Bundle, SweptAddress, SweptBlock
from tests.fixtures.inventories import NOW
from tests.fixtures.sweeps import swept


@pytest.mark.django_db
def test_names_and_what_is_there_once() -> None:
    sweep = swept("10.1.0.0/30", infected=["10.1.0.1"])
    bundle = Bundle.objects.create(uid="b1", zone="z", sweep=sweep, issued=NOW, expires=NOW)
    address, block = SweptAddress.objects.get(), SweptBlock.objects.get()
    assert (str(sweep), str(address), str(bundle)) == (sweep.uid, "10.1.0.1 infected", "b1")
    assert str(block) == f"{0xFFFF0A010000:032x}"
    for row in (address, block):
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)
