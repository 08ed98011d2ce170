"""Each address of this room leads to a view that asks who looks, and none is like another."""

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.console.rulebook.urls import urlpatterns


@pytest.mark.django_db
def test_nobody_gets_in_who_is_not_signed_in() -> None:
    names = [pattern.name for pattern in urlpatterns]
    assert len(set(names)) == len(names)
    for pattern in urlpatterns:
        known = pattern.pattern.converters
        given = {name: 1 if "Int" in type(kind).__name__ else "x" for name, kind in known.items()}
        assert pattern.name is not None
        address = reverse(pattern.name, kwargs=given)
        for answer in (Client().get(address), Client().post(address)):
            assert answer.status_code == 302
            assert "login" in answer["Location"]
