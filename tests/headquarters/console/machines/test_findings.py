"""The list of findings, and who else has the same."""

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.console.machines.findings import list_packs
from codered_hq.fleet.models import StoredFinding
from tests.fixtures.inventories import NOW
from tests.headquarters.console.machines.conftest import make_ill


@pytest.mark.parametrize(("query", "fits"), [("", 1), ("still=all", 2), ("still=gone", 1), ("pack=x", 0),
                         ("fits=/SRV/a", 1), ("confidence=confirmed&severity=high&layer=files", 1)])  # fmt: skip
def test_what_fits_is_listed(desk: Client, query: str, fits: int) -> None:
    make_ill()
    gone = make_ill("web-2", "10.1.0.2").finding
    StoredFinding.objects.filter(pk=gone.pk).update(gone_at=NOW)
    page = desk.get(f"{reverse('findings')}?{query}").content.decode()
    assert page.count('<th scope="row"') == fits
    assert desk.get(f"{reverse('findings')}?still=x").status_code == 400


def test_hosts_that_have_the_same_are_named(desk: Client) -> None:
    ill = make_ill()
    make_ill("web-2", "10.1.0.2")
    assert b"web-2" in desk.get(reverse("finding", args=[ill.finding.pk])).content
    assert desk.get(reverse("finding", args=[99])).status_code == 400


def test_every_pack_and_layer_can_be_chosen(desk: Client) -> None:
    assert list_packs() == []
    for place, pack in enumerate(("nimda", "codered", "", "nimda", "zz")):
        found = make_ill(f"web-{place}", f"10.1.1.{place + 1}").finding
        StoredFinding.objects.filter(pk=found.pk).update(pack=pack)
    assert list_packs() == ["", "codered", "nimda", "zz"]
    page = desk.get(reverse("findings")).content.decode()
    assert [page.count(f"<option>{each}</option>") for each in ("nimda", "codered", "traffic", "memory")] == [1] * 4
    assert "<option>nimda</option>" in desk.get(reverse("hosts")).content.decode()
