from pathlib import Path

import msgspec
import pytest

from codered.cli.proving import exit_code_of_verification
from codered.model.response import Verification
from tests.fixtures.saying import Say
from tests.fixtures.volumes import SHOWN, path_below


@pytest.mark.parametrize(
    ("answer", "stopped", "code"),
    [
        ("clean", False, 0),
        ("residual", False, 1),
        ("reinfected", False, 1),
        ("incomplete", False, 3),
        ("clean", True, 130),
    ],
)
def test_exit_codes(say: Say, plan: Path, answer: str, stopped: bool, code: int) -> None:
    found = msgspec.json.decode(say("verify", plan, "--json").out, type=Verification)
    report = msgspec.structs.replace(found.report, interrupted=stopped)
    changed = msgspec.structs.replace(found, answer=answer, report=report)
    assert exit_code_of_verification(changed) == code


def test_the_first_line_says_the_answer(say: Say, plan: Path, volume: Path) -> None:
    assert say("verify", plan).out.startswith("RESIDUAL: something is still there: ")
    say("apply", plan, "--yes")
    assert say("verify", plan).out.startswith("CLEAN: what the plan removed is gone")
    path_below(volume, SHOWN[0]).write_bytes(b"back")
    assert say("verify", plan).out.startswith("REINFECTED: it was gone and is back: ")
    say("rollback", plan, "--yes")


def test_every_ending(say: Say, plan: Path, tmp_path: Path) -> None:
    outputs = [tmp_path / name for name in ("v.json", "v.html", "v.csv", "v.txt")]
    assert say("verify", plan, *(word for path in outputs for word in ("-o", path))).code == 1
    assert outputs[3].read_text().startswith("RESIDUAL")
    assert all(path.stat().st_size for path in outputs)


def test_a_forged_first_report_is_passed_over(say: Say, volume: Path, tmp_path: Path) -> None:
    say("respond", "--root", volume, "--yes")
    (beside,) = (tmp_path / "state/plans").glob("*.report.json")
    beside.write_bytes(b"{}")
    answer = say("verify", beside.name.removesuffix(".report.json"))
    assert answer.code == 0
    assert "the first report is not used" in answer.err
