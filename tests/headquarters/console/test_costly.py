"""What costs much is done twice at once, and no more."""

import pytest

from codered_hq.console import costly
from tests.fixtures.console_desk import make_viewer_client

PAGES = ("/ledger/ledger.jsonl", "/hosts/export/")


@pytest.mark.django_db
def test_a_third_is_told_to_come_again() -> None:
    client = make_viewer_client("Nora")
    turns = [costly._turns.acquire(blocking=False) for _ in range(costly.MOST_AT_ONCE)]
    try:
        assert all(turns)
        for page in PAGES:
            answer = client.get(page, secure=True)
            assert (answer.status_code, "ask again in a few seconds" in answer.content.decode()) == (429, True), page
        assert client.post("/ledger/verify/", secure=True).status_code == 429
        assert client.get("/ledger/", secure=True).status_code == 200
    finally:
        for _ in turns:
            costly._turns.release()
    for page in PAGES:
        assert client.get(page, secure=True).status_code == 200
