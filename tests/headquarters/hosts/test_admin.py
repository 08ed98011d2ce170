"""The admin knows every table of the app, and its pages can be opened."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory

from codered_hq.hosts.models import Host, Subnet
from tests.fixtures.inventories import document_subnets, make_host


@pytest.mark.django_db
def test_every_table_is_there_and_lists() -> None:
    document_subnets("10.1.0.0/24")
    make_host("web", "10.1.0.5", owner="shop")
    assert set(apps.get_app_config("hosts").get_models()) <= set(admin.site._registry)
    request = RequestFactory().get("/", {"q": "10.1.0"})
    request.user = User.objects.create_superuser("ann")
    for model in (Host, Subnet):
        page = admin.site._registry[model].changelist_view(request)
        assert page.status_code == 200
        assert page.context_data["cl"].result_count == 1  # type: ignore[attr-defined]
