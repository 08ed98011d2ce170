"""A query of the address line -> which hosts."""

import pytest
from django.http import QueryDict

from codered.model.errors import WrongUse
from codered_hq.console.machines.filtering import HostFilter, find_hosts, read_filter
from codered_hq.hosts.models import Host
from tests.fixtures.inventories import make_host


def test_words_that_are_none_are_refused() -> None:
    assert read_filter(QueryDict("state=infected&fits=%20web%20")) == HostFilter(state="infected", fits="web")
    for query in ("state=x", "criticality=x", "sort=pk", "held=no"):
        with pytest.raises(WrongUse):
            read_filter(QueryDict(query))


@pytest.mark.django_db
def test_orders() -> None:
    for name, state, criticality in (("a", "closed", "low"), ("b", "infected", "high"), ("c", "suspect", "vital")):
        host = make_host(name, f"10.1.0.{ord(name)}")
        Host.objects.filter(pk=host.pk).update(state=state, criticality=criticality)

    def sort(word: str) -> str:
        return "".join(find_hosts(HostFilter(sort=word)).values_list("label", flat=True))

    assert (sort("label"), sort("state"), sort("criticality")) == ("abc", "bca", "cba")
    assert "".join(find_hosts(HostFilter(state="proved")).values_list("label", flat=True)) == "a"
    with pytest.raises(WrongUse):
        find_hosts(HostFilter(subnet="10.1.0.0/99"))
