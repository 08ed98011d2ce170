"""Another key is taken from a person alone."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.errors import WrongUse
from codered_hq.fleet.orders import Wish, find_pinned_key
from codered_hq.fleet.running import begin_run, carry_on
from codered_hq.fleet.trusting import find_offered_key, trust_key
from codered_hq.hosts.models import Host
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, now, quiet

pytestmark = pytest.mark.django_db


def test_a_host_that_was_made_anew(tmp_path: Path) -> None:
    host, played = make_host("web-1", "10.1.0.1"), PlayedHost("web-1")
    means = PlayedFleet(played).means(tmp_path)

    def scan(host: Host) -> str:
        return carry_on(begin_run("scan", [host], Wish(), now()), means, quiet).hosts.get().state

    assert (scan(host), find_offered_key(make_host("web-2", "10.1.0.2"))) == ("answered", "")
    first = find_pinned_key(host)
    played.key = Ed25519PrivateKey.generate()
    assert (scan(host), find_pinned_key(host)) == ("refused", first)
    offered = find_offered_key(host)
    assert offered not in ("", first)
    assert trust_key(host, offered, now(), "eve") == (first,)
    assert (find_pinned_key(host), scan(host)) == (offered, "answered")
    host.refresh_from_db()
    assert f"key {first} replaced by {offered} (eve)" in host.note
    with pytest.raises(WrongUse, match="this key is that of web-1"):
        trust_key(Host.objects.get(label="web-2"), offered, now(), "eve")
