from pathlib import Path

import msgspec

from codered.model.response import Verification
from tests.fixtures.saying import Say
from tests.fixtures.volumes import SHOWN, path_below


def test_verify_finds_it_until_it_is_gone_and_when_it_is_back(say: Say, plan: Path, volume: Path) -> None:
    answer = say("verify", plan)
    assert answer.code == 1
    assert "nothing of this plan is applied here" in answer.err
    say("apply", plan, "--yes")
    answer = say("verify", plan)
    assert answer.code == 0
    assert "applied here" not in answer.err
    assert answer.out.startswith("CLEAN")
    path_below(volume, SHOWN[0]).write_bytes(b"back again")
    answer = say("verify", plan, "--json")
    assert answer.code == 1
    verification = msgspec.json.decode(answer.out, type=Verification)
    assert (verification.answer, answer.code) == ("reinfected", 1)
    report = verification.report
    assert [found.subject.shown for found in report.findings] == [SHOWN[0]]


def test_verify_writes_its_report(say: Say, plan: Path, tmp_path: Path) -> None:
    say("verify", plan, "-o", tmp_path / "v.json")
    assert msgspec.json.decode((tmp_path / "v.json").read_bytes(), type=Verification).answer == "residual"
    assert say("verify", plan, "-o", tmp_path / "none/v.json").code == 2


def test_logs_beside_tell_of_the_past_and_are_not_read(say: Say, plan: Path, volume: Path) -> None:
    line = f'198.51.100.9 - - [19/Jul/2001:15:38:38 +0000] "GET /default.ida?{"N" * 224}=a HTTP/1.0" 404 209\n'
    (path_below(volume, SHOWN[0]).parent / "access.log").write_text(line)
    say("apply", plan, "--yes")
    assert say("verify", plan).code == 0
