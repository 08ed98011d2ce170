"""`codered hosts locate` as it is typed, against a recorded switch behind a real snmpd."""

from pathlib import Path

import msgspec
import pytest

from codered_hq.cli.host_locating import LocateOutcome
from tests.fixtures.inventories import make_host
from tests.fixtures.saying import Say
from tests.fixtures.snmp_agents import COMMUNITY, RECORDINGS, read_recording, running_agent

pytestmark = pytest.mark.django_db


def test_places_are_shown_and_what_is_nowhere(say: Say, headquarters: Path, tmp_path: Path) -> None:
    headquarters.mkdir()
    assert read_recording(RECORDINGS / "hpe-procurve.snmprec")
    make_host("lost", "10.1.0.5", mac="02:00:00:00:00:99")
    with running_agent(tmp_path, "hpe-procurve") as agent:
        config = headquarters / "headquarters.toml"
        config.write_text(f'[[snmp]]\ndevices = ["{agent.address}"]\ncommunity = "{COMMUNITY}"\nport = {agent.port}\n')
        config.chmod(0o600)
        told = say("hosts", "locate")
        outcome = msgspec.json.decode(say("hosts", "locate", "--json").out, type=LocateOutcome)
    assert (told.code, "1 switch read" in told.out) == (3, True)
    assert "nowhere: lost: no switch that was read has seen 02:00:00:00:00:99" in told.out
    assert (outcome.switches, outcome.places, len(outcome.nowhere)) == (1, (), 1)


def test_bad_input(say: Say, headquarters: Path) -> None:
    answer = say("hosts", "locate")
    assert (answer.code, "no switch may be read" in answer.err) == (2, True)
    (headquarters / "headquarters.toml").write_text('[[snmp]]\ndevices = ["127.0.0.1"]\n')
    (headquarters / "headquarters.toml").chmod(0o600)
    assert "no host fits" in say("hosts", "locate").err
    make_host("web", "10.1.0.5")
    assert "give either a community" in say("hosts", "locate").err
