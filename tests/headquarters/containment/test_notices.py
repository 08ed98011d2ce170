"""Somebody is told of what can't be taken back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.containment.models import Containment
from codered_hq.containment.notices import tell_stuck
from codered_hq.incidents.models import Outgoing
from codered_hq.opening import open_headquarters


@pytest.mark.django_db
def test_a_notice_is_queued(headquarters: Path) -> None:
    open_headquarters()
    order = {"kind": "disable_port", "device": "sw1", "label": "x", "port": "p1"}
    tell_stuck(Containment(order=order, error="does not answer"), datetime.now(UTC))
    (row,) = Outgoing.objects.all()
    assert (row.subject, row.urgent, "does not answer" in row.body) == (
        "can't be taken back: disable_port sw1 p1",
        True,
        True,
    )
