"""What may stand in the tables of drills."""

import pytest
from django.db import IntegrityError, transaction

from codered_hq.drills.models import Drill, PlayedHost, TruthPoint


def test_a_machine_has_its_address_alone(drill: Drill) -> None:
    one = PlayedHost.objects.filter(drill=drill)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        PlayedHost.objects.create(drill=drill, host=one.host, address=one.address, subnet=one.subnet)


def test_a_moment_is_noted_once(drill: Drill) -> None:
    given = {"drill": drill, "at": drill.started_at, "infected": 1, "spreading": 1, "known": 0}
    TruthPoint.objects.create(**given)
    with pytest.raises(IntegrityError), transaction.atomic():
        TruthPoint.objects.create(**given)
