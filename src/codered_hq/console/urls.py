"""Where the console's pages are: each room lists its own."""

from django.urls import include, path

ROOMS = ("war", "machines", "crisis", "speaking", "rulebook", "desk", "exercises", "live")

urlpatterns = [path("", include(f"codered_hq.console.{room}.urls")) for room in ROOMS]
