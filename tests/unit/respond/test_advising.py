from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.known_good.storing import SignedBaseline
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


def test_before_the_first_look_nothing_is_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    assert advise_on(Response(id="r1", tool="t", created=MADE, asked=Asked())).advice == "undecided"
