"""Where the pages of drills are."""

from django.urls import reverse

from codered_hq.drills.models import Drill


def test_other_pages_find_them(drill: Drill) -> None:
    assert reverse("drills") == "/drills/"
    assert reverse("drill", args=[drill.pk]) == f"/drills/{drill.pk}/"
