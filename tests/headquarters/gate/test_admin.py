"""The pages of the gate can be opened, and change nothing."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory

from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision, Reservation, RulesInForce, Vote
from tests.fixtures.gate_crew import ASKER, machine, wish


@pytest.mark.django_db
def test_pages() -> None:
    decision = ask(wish(machine(1)), {}, ASKER)
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("ann")
    for model in (Decision, Reservation, RulesInForce, Vote):
        pages = admin.site._registry[model]
        page = pages.changelist_view(request)
        assert page.context_data["cl"].result_count == model._default_manager.count()  # type: ignore[attr-defined]
        assert not pages.has_add_permission(request)
        assert not pages.has_change_permission(request, decision)
        assert not pages.has_delete_permission(request, decision)
