"""The page of one machine."""

from django.test import Client
from django.urls import reverse

from tests.headquarters.console.machines.conftest import make_ill


def test_a_host_is_told_in_full(desk: Client) -> None:
    ill = make_ill()
    page = desk.get(reverse("host", args=[ill.host.pk])).content.decode()
    for text in ("<h1>web-1</h1>", "10.1.0.1", "/srv/a.php", "1 open finding", ill.plan.plan_digest[:23], "Cut off"):
        assert text in page, text
    assert page.count("<h1") == 1
    assert "choose or declare one" in page


def test_a_part_alone_has_no_fields(desk: Client) -> None:
    page = desk.get(reverse("part-host", args=[make_ill().host.pk])).content.decode()
    assert page.startswith('<section id="host-now"')
    assert "<input" not in page


def test_no_such_host(desk: Client) -> None:
    answer = desk.get(reverse("host", args=[99]))
    assert answer.status_code == 400
    assert b"there is no such host" in answer.content
