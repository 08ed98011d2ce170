"""Where the console's pages are: each room lists its own."""

from django.urls import include, path

from codered_hq.console import failing
from codered_hq.console.health import show_health

ROOMS = ("war", "machines", "crisis", "speaking", "rulebook", "desk", "exercises", "live")

urlpatterns = [
    path("healthz", show_health, name="health"),
    path("api/v1/", include("codered_hq.api.urls")),
    *(path("", include(f"codered_hq.console.{room}.urls")) for room in ROOMS),
]
handler400 = failing.show_bad_request
handler403 = failing.show_forbidden
handler404 = failing.show_missing
handler500 = failing.show_bug
