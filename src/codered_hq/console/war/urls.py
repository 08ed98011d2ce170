"""Pages of this room."""

from django.urls import URLPattern, path

from codered_hq.console.war import parts, room, subnets

urlpatterns: list[URLPattern] = [
    path("", room.show_room, name="war"),
    *(path(f"war/{name}/", parts.make_view(name), name=f"part-war-{name}") for name in parts.PARTS),
    path("subnets/", subnets.list_subnets, name="subnets"),
    path("subnets/part/", subnets.show_part, name="part-subnets"),
    path("subnets/<int:pk>/", subnets.show_subnet, name="subnet"),
]
