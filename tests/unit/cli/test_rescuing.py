from pathlib import Path

import msgspec

from codered.model.errors import ExitCode
from codered.model.plan import Plan
from tests.fixtures.rescue_media import fetch_kernel
from tests.fixtures.saying import Say


def test_a_plan_must_be_approved_by_its_digest(say: Say, plan: Path, tmp_path: Path) -> None:
    made = tmp_path / "x.iso"
    answer = say("rescue", "build", "--plan", plan, "-o", made)
    assert answer.code == ExitCode.REFUSED
    digest = msgspec.json.decode(plan.read_bytes(), type=Plan).digest
    assert "nobody has approved the plan" in answer.err
    assert digest not in answer.err  # it is to be read in the plan's review
    assert say("rescue", "build", "--approve", digest, "-o", made).code == ExitCode.WRONG_USE
    assert not made.exists()
    answer = say("rescue", "build", "--plan", plan, "--approve", digest, "-o", tmp_path / "no/x.iso")
    assert (answer.code, "no such folder" in answer.err) == (ExitCode.WRONG_USE, True)
    answer = say("rescue", "build", "--plan", tmp_path / "none.json", "-o", made)
    assert answer.code == ExitCode.WRONG_USE


def test_a_medium_says_what_it_is_for(say: Say, tmp_path: Path) -> None:
    made = tmp_path / "x.iso"
    answer = say("rescue", "build", "-o", made, "--kernel", fetch_kernel(), "--json")
    assert answer.code == ExitCode.CLEAN
    built = msgspec.json.decode(answer.out)
    assert (built["file"], built["size"], built["plan"]) == (str(made), made.stat().st_size, "")
    assert "it gives a shell with codered in it" in answer.err
    assert made.read_bytes()[510:512] == b"\x55\xaa"
    assert "was not booted with a plan yet" in say("rescue", "result", made).err
    assert say("rescue", "build", "-o", made).code == ExitCode.WRONG_USE  # it is there
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("codered-rescue")) == []
