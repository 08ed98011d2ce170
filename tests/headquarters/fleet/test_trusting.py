"""Another key is taken from a person alone."""

from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.errors import Refused, WrongUse
from codered_hq.fleet.orders import Wish, find_pinned_key
from codered_hq.fleet.running import begin_run, carry_on
from codered_hq.fleet.trusting import find_offered_key, trust_key, trust_made_anew
from codered_hq.hosts.models import Host
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answer_clean, answer_report, make_report, now, quiet

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
    played.facts = msgspec.structs.replace(played.facts, machine_id="a1" * 16)
    assert trust_key(host, offered, now(), "eve") == (first,)
    assert (find_pinned_key(host), scan(host)) == (offered, "answered")
    assert host.identifiers.get(kind="machine_id").value == "a1" * 16  # the new system's, and no conflict with the old
    assert not host.claims.filter(kind="machine_id told").exists()
    host.refresh_from_db()
    assert f"key {first} replaced by {offered} (eve)" in host.note
    with pytest.raises(WrongUse, match="this key is that of web-1"):
        trust_key(Host.objects.get(label="web-2"), offered, now(), "eve")


def test_an_infected_machine_that_was_made_anew_is_verified_by_a_clean_whole_scan(tmp_path: Path) -> None:
    host = make_host("web-1", "10.1.0.1")
    sick = answer_report(make_report("/www/a.php"))
    played = PlayedHost("web-1", sick)
    means = PlayedFleet(played).means(tmp_path)

    def scan() -> tuple[str, str]:
        state = carry_on(begin_run("scan", [host], Wish(), now()), means, quiet).hosts.get().state
        host.refresh_from_db()
        return state, host.state

    with pytest.raises(WrongUse, match="not infected, but unknown"):
        trust_made_anew(host, now(), "eve")
    assert scan() == ("answered", "infected")
    with pytest.raises(Refused, match="the key that it had when it was infected"):
        trust_made_anew(host, now(), "eve")
    played.does = answer_clean
    assert scan() == ("answered", "infected")  # the same key: a clean scan alone proves no cure

    played.key = Ed25519PrivateKey.generate()
    assert scan() == ("refused", "infected")
    trust_key(host, find_offered_key(host), now(), "eve")
    assert scan() == ("answered", "infected")  # nobody said that it was made anew
    trust_made_anew(host, now(), "eve")
    for does in (answer_report(make_report(gaps=1)), answer_report(make_report(scope=("/srv",)))):
        played.does = does
        assert scan() == ("answered", "infected")  # not everything was looked at
    played.does = answer_clean
    assert scan() == ("answered", "verified")
    case = host.cases.get()
    assert case.history[-2][3] == "made anew, says eve"
    assert "clean, after it was made anew" in case.history[-1][3]
    assert (case.made_anew, case.watch_until is not None) == (None, True)
    assert not host.findings.filter(gone_at=None).exists()
    played.does = sick
    assert scan() == ("answered", "infected")


def test_a_finding_takes_back_that_it_was_made_anew(tmp_path: Path) -> None:
    host, played = make_host("web-1", "10.1.0.1"), PlayedHost("web-1", answer_report(make_report("/www/a.php")))
    means = PlayedFleet(played).means(tmp_path)
    carry_on(begin_run("scan", [host], Wish(), now()), means, quiet)
    played.key = Ed25519PrivateKey.generate()
    carry_on(begin_run("scan", [host], Wish(), now()), means, quiet)
    host.refresh_from_db()
    trust_key(host, find_offered_key(host), now(), "eve")
    trust_made_anew(host, now(), "eve")
    carry_on(begin_run("scan", [host], Wish(), now()), means, quiet)
    played.does = answer_clean
    carry_on(begin_run("scan", [host], Wish(), now()), means, quiet)
    host.refresh_from_db()
    assert (host.state, host.cases.get().made_anew) == ("infected", None)
