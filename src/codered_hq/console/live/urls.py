"""Pages of this room."""

from django.urls import URLPattern, path

from codered_hq.console.live import streams

urlpatterns: list[URLPattern] = [
    path("live/", streams.stream, name="live"),
    path("live/worker/", streams.show_worker, name="part-worker"),
]
