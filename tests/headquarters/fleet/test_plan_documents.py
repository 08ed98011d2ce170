"""Plans of hosts, also hostile ones."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import CodeRedError, Refused
from codered_hq.fleet import plan_documents
from codered_hq.fleet.plan_documents import read_plan_document
from tests.fixtures.played_fleets import make_plan

RAW = msgspec.json.encode(make_plan("/a", "/b"))


def test_a_plan_as_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_plan_document(RAW, "web-1") == make_plan("/a", "/b")
    with pytest.raises(Refused, match="web-1: its plan is not what its digest says"):
        read_plan_document(RAW.replace(b"/b", b"/c"), "web-1")
    monkeypatch.setattr(plan_documents, "MOST_ACTIONS", 1)
    with pytest.raises(Refused, match="its plan has 2 actions"):
        read_plan_document(RAW, "web-1")


@given(st.integers(0, len(RAW) - 1), st.binary(max_size=4))
def test_anything_else_is_refused_in_one_line(place: int, other: bytes) -> None:
    changed = RAW[:place] + other + RAW[place + 1 :]
    read, said = None, ""
    try:
        read = read_plan_document(changed, "web-1")
    except CodeRedError as error:
        said = str(error)
    assert read in (None, make_plan("/a", "/b"))
    assert "\n" not in said
