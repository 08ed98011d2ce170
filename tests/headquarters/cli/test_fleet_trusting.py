"""`codered fleet trust`."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answer_clean, answer_report, make_report
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_a_person_says_so(say: Say, played: PlayedFleet) -> None:
    make_host("web-1", "10.1.0.1")
    assert say("fleet", "trust", "web-1").code == 2
    host = played.hosts["web-1"] = PlayedHost("web-1")
    assert say("fleet", "scan", "web-1").code == 0
    assert "already" in say("fleet", "trust", "web-1").out
    host.key = Ed25519PrivateKey.generate()
    refused = say("fleet", "scan", "web-1")
    assert (refused.code, "codered fleet trust '#" in refused.out) == (3, True)
    asked = say("fleet", "trust", "web-1")
    assert (asked.code, "look at the host, then say --yes" in asked.err) == (2, True)
    assert say("fleet", "trust", "web-1", "--key", "rsa:1", "--yes").code == 2
    assert say("fleet", "trust", "web-1", "--yes").code == 0
    assert say("fleet", "scan", "web-1").code == 0


def test_the_machine_was_made_anew(say: Say, played: PlayedFleet) -> None:
    make_host("web-1", "10.1.0.1")
    host = played.hosts["web-1"] = PlayedHost("web-1", answer_report(make_report("/www/a.php")))
    assert say("fleet", "scan", "web-1").code == 1
    refused = say("fleet", "trust", "web-1", "--made-anew", "--yes")
    assert (refused.code, "the key that it had when it was infected" in refused.err) == (4, True)
    host.key, host.does = Ed25519PrivateKey.generate(), answer_clean
    assert say("fleet", "scan", "web-1").code == 3
    trusted = say("fleet", "trust", "web-1", "--made-anew", "--yes")
    assert (trusted.code, "a whole scan that finds nothing ends its case" in trusted.out) == (0, True)
    assert say("fleet", "scan", "web-1").code == 0
    assert '"state":"verified"' in say("hosts", "show", "web-1", "--json").out.replace(" ", "")
