"""Whoever looks at the demonstration can speak as one who decides there."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered_hq.accounts.inviting import find_invite
from codered_hq.drills.demo_links import make_demo_links
from codered_hq.drills.demo_record import read_shipped_record
from codered_hq.drills.demo_team import Team
from codered_hq.incidents.people import find_person
from codered_hq.ledger.models import LedgerEntry
from codered_hq.opening import open_headquarters
from tests.fixtures.console_desk import make_account


@pytest.mark.usefixtures("drill")
def test_three_of_the_team_are_invited_and_the_commander_administers(headquarters: Path) -> None:
    at = datetime.now(UTC)
    Team(headquarters, read_shipped_record().people).enter(at)
    links = make_demo_links(headquarters, at)
    assert [(link.name, link.role) for link in links] == [
        ("Cora", "incident_commander"), ("Bruno", "business"), ("Nora", "network"),
    ]  # fmt: skip
    found = [find_invite(link.path.split("/")[2], at) for link in links]
    assert [(one.person == find_person(link.name), one.administrator) for one, link in zip(found, links, strict=True)] \
        == [(True, True), (True, False), (True, False)]  # fmt: skip
    taken = LedgerEntry.objects.filter(kind="console", what__contains=" is taken for ")
    assert [(one.who, one.what) for one in taken] == [
        ("demonstration", f"whoever opens the link of {name} is taken for {name}") for name in ("Cora", "Bruno", "Nora")
    ]
    assert {find_person(link.name).console_since for link in links} == {at}
    make_account(find_person("Cora"))
    assert make_demo_links(headquarters, at) == []


def test_no_proof_is_dated_back_in_a_real_headquarters(headquarters: Path, db: None) -> None:
    open_headquarters()
    at = datetime.now(UTC)
    Team(headquarters, read_shipped_record().people).enter(at)
    with pytest.raises(Refused, match="this is no exercise"):
        make_demo_links(headquarters, at)
    assert find_person("Cora").console_since is None
    assert not LedgerEntry.objects.filter(what__contains=" is taken for ").exists()
