"""The database's mark moves when another connection writes."""

from datetime import UTC, datetime
from threading import Thread

import pytest
from django.db import connections

from codered_hq.console.live.marks import read_mark
from codered_hq.ledger.writing import enter


def write() -> None:
    enter("message", "Nora", "said", datetime.now(UTC))
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_moves_when_somebody_else_writes() -> None:
    before = read_mark()
    assert read_mark() == before
    writer = Thread(target=write)
    writer.start()
    writer.join()
    assert read_mark() != before
