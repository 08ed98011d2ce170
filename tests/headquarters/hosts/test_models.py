"""Rows say who they are, and the first migration makes exactly these tables."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from codered_hq.hosts.models import Place, Subnet
from tests.fixtures.inventories import NOW, document_subnets, make_host


@pytest.mark.django_db
def test_rows_name_themselves() -> None:
    document_subnets("10.1.0.0/24", zone="plant")
    host = make_host("web", "10.1.0.5", owner="shop")
    rows = (host, host.identifiers.get(), host.addresses.get(), host.claims.get(), Subnet.objects.get())
    assert [str(row) for row in rows] == ["web", "name web", "10.1.0.5", "owner: shop (dnsmasq:leases)", "10.1.0.0/24"]
    assert str(Place(switch="sw", port="7")) == "sw 7"


@pytest.mark.django_db
def test_a_key_is_of_one_host() -> None:
    make_host("a", "10.1.0.5", agent_key="k")
    other = make_host("b", "10.1.0.6", serial="s")
    with pytest.raises(IntegrityError):
        other.identifiers.create(kind="agent_key", value="k", source="x", first_seen=NOW, last_seen=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("app", ["hosts", "sweeps", "fleet"])
def test_migrations_say_what_the_models_say(app: str) -> None:
    call_command("makemigrations", app, check=True, dry_run=True, verbosity=0)
