"""A review is an entry of the ledger, of one person for one plan."""

import pytest

from codered.model.errors import Refused
from codered_hq.fleet.models import HostRun
from codered_hq.fleet.reviewing import find_reviews, review
from codered_hq.incidents.people import Speaker
from codered_hq.opening import open_headquarters
from tests.fixtures.gate_crew import join
from tests.fixtures.inventories import NOW
from tests.headquarters.console.machines.conftest import make_ill


@pytest.mark.django_db
def test_reviews() -> None:
    open_headquarters()
    row, kim = make_ill().plan, join("Kim")
    with pytest.raises(Refused):
        review(row, "", Speaker(None, "nobody", None), NOW)
    assert review(row, "read it twice", kim, NOW)
    assert not review(row, "", kim, NOW)
    assert review(row, "", join("Ann"), NOW)
    assert [each.who for each in find_reviews(row)] == ["Kim", "Ann"]
    assert "read it twice" in find_reviews(row)[0].what
    other = make_ill("web-2", "10.1.0.2", "/srv/b.php").plan
    assert review(other, f"is like {row.plan_digest}", join("Bo"), NOW)  # quoting a plan reviews nothing
    assert [each.who for each in find_reviews(row)] == ["Kim", "Ann"]
    HostRun.objects.filter(pk=row.pk).update(plan_digest="sha256:other")
    assert not find_reviews(HostRun.objects.get(pk=row.pk))
