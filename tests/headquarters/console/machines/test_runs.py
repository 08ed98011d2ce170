"""Fleet runs: a row for each host, whatever became of it."""

from django.test import Client
from django.urls import reverse

from tests.headquarters.console.machines.conftest import make_ill


def test_runs(desk: Client) -> None:
    assert b"No runs yet" in desk.get(reverse("runs")).content
    ill = make_ill()
    assert b"1 answered" in desk.get(reverse("runs")).content
    address = reverse("run", args=[ill.plan.run.uid])
    assert b">web-1</a>" in desk.get(address).content
    assert b"None in this state" in desk.get(f"{address}?state=failed").content
    assert desk.get(reverse("run", args=["f" * 32])).status_code == 400
