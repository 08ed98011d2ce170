"""Progress is told now and then, infected addresses at once."""

from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.cli import sweep_running
from codered_hq.cli.sweep_running import make_teller
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.running import Seen
from codered_hq.sweeps.views import find_sweep
from tests.fixtures.inventories import NOW
from tests.fixtures.saying import Say
from tests.fixtures.sweeps import make_permit, make_sweep, tell


def test_progress(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sweep_running, "SECONDS_BETWEEN_LINES", 0.0)
    teller = make_teller()
    sick = tuple(tell(f"10.0.0.{number}", "infected", NOW) for number in range(30))
    teller(Seen(settled=600, total=6600, requests=9, seconds=5.0, before=100, found=sick))
    said = capsys.readouterr().err
    assert said.count("INFECTED") == sweep_running.MOST_ALARMS
    assert "600 of 6,600 addresses, 100 a second, 30 infected, about 1 min left" in said
    teller(Seen(settled=0, total=6600, requests=0, seconds=0.0, before=0, found=sick))
    assert "INFECTED" not in capsys.readouterr().err


@pytest.mark.django_db
def test_which_sweep_and_what_can_go_on(say: Say) -> None:
    sweep, other = make_sweep("10.0.0.0/30"), make_sweep("10.0.0.0/30")
    assert find_sweep(sweep.uid[:9].upper()).pk == sweep.pk
    Sweep.objects.filter(pk=sweep.pk).update(uid="aa1")
    Sweep.objects.filter(pk=other.pk).update(uid="aa2", bundle="aa2")
    for text, told in (("aa", "several"), ("", "no such"), ("%", "no such")):
        with pytest.raises(WrongUse, match=told):
            find_sweep(text)
    assert (say("sweep", "--resume", "aa2").code, say("sweep", "--resume", "aa2").err.count("not made here")) == (2, 1)


@pytest.mark.django_db
def test_going_on_under_another_authorisation_is_noted(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_running, "run_sweep", lambda *_all: None)  # nothing is sent
    sweep = make_sweep("10.0.0.0/30")
    permit = tmp_path / "permit.yaml"
    permit.write_bytes(make_permit(allowed_by="Bob").raw)
    say("sweep", "--resume", sweep.uid, "--authorisation", permit)
    sweep.refresh_from_db()
    assert (sweep.authorisation.startswith("Bob, until"), "until then: Ann" in sweep.notes[0]) == (True, True)
