"""The pages of sweeps can be opened."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory

from codered_hq.sweeps.models import Bundle, Sweep, SweptAddress
from tests.fixtures.inventories import NOW
from tests.fixtures.sweeps import swept


@pytest.mark.django_db
def test_pages() -> None:
    sweep = swept("10.1.0.0/30", web=["10.1.0.1"])
    Bundle.objects.create(uid=sweep.uid, zone="z", sweep=sweep, issued=NOW, expires=NOW)
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("ann")
    for model in (Sweep, SweptAddress, Bundle):
        page = admin.site._registry[model].changelist_view(request)
        assert page.context_data["cl"].result_count == 1  # type: ignore[attr-defined]
    form = admin.site._registry[Sweep].get_form(request)
    assert not {"job", "permit"} & set(form.base_fields)
