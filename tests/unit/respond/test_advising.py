from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.known_good.storing import SignedBaseline, write_baseline
from codered.model.known_good import Baseline
from codered.model.response import Asked, Response
from codered.respond.advising import advise_on
from tests.fixtures.changing import FolderTarget
from tests.fixtures.packs_for_plans import make_finding, make_report

MADE = datetime(2020, 1, 1, tzinfo=UTC)


def test_a_response_becomes_a_sheet(target: FolderTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    report = make_report(target, make_finding(target, b"www/scripts/root.exe"))
    response = Response(id="r1", tool="t", created=MADE, asked=Asked(), report=report)
    sheet = advise_on(response)
    assert sheet.advice == "undecided"
    baseline = Baseline(id="b1", tool="t", created=MADE, host="", root="/", system="linux", places=())
    signed = SignedBaseline(baseline, "ed25519:abc", tmp_path)
    told = [each.answer for each in advise_on(response, signed).questions if "baseline" in each.asks]
    assert "baseline b1, signed by ed25519:abc" in told[0]


def test_a_baseline_that_merely_lies_there_speaks_for_nothing(
    target: FolderTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may write one of any date: only what was compared with and is signed by somebody trusted counts."""
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    report = make_report(target, make_finding(target, b"www/scripts/root.exe"))
    (tmp_path / "state/baselines").mkdir(parents=True)
    made = datetime(2001, 1, 1, tzinfo=UTC)
    host, root = report.target.host, report.target.root
    forged = Baseline(id="b1", tool="t", created=made, host=host, root=root, system="linux", places=())
    path = tmp_path / "state/baselines/x.baseline"
    write_baseline(path, forged, None)
    response = Response(id="r1", tool="t", created=MADE, asked=Asked(), report=report)
    for baseline in (None, SignedBaseline(forged, "", path)):
        (told,) = (each for each in advise_on(response, baseline).questions if "baseline" in each.asks)
        assert told.speaks_for == "undecided"
        assert told.answer.startswith("none was compared with")


def test_before_the_first_look_nothing_is_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    assert advise_on(Response(id="r1", tool="t", created=MADE, asked=Asked())).advice == "undecided"
