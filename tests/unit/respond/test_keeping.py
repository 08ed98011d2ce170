from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from codered import respond
from codered.model.errors import WrongUse
from codered.model.plan import Plan
from tests.fixtures.changing import FolderTarget
from tests.fixtures.packs_for_plans import make_report


def test_where_cases_are_kept(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", "/data/state")
    assert respond.case_folder(plan) == Path("/data/state/cases/20261122-120000-abc123")


@pytest.mark.parametrize("name", ["../../etc", "", "a/b"])
def test_an_odd_plan_id_names_no_folder(plan: Plan, name: str) -> None:
    with pytest.raises(WrongUse, match="id is not one"):
        respond.case_folder(replace(plan, id=name))


def test_a_plan_is_written_and_read(plan: Plan, tmp_path: Path) -> None:
    respond.write_plan(plan, tmp_path / "plan.json")
    assert respond.read_plan(tmp_path / "plan.json") == plan
    assert (tmp_path / "plan.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "plan.json").read_bytes().count(b"\n") > 20
    assert [path.name for path in tmp_path.iterdir() if "plan" in path.name] == ["plan.json"]
    with pytest.raises(WrongUse, match="can't be written"):
        respond.write_plan(plan, tmp_path / "none/plan.json")


def test_a_report_is_read(target: FolderTarget, tmp_path: Path) -> None:
    report = make_report(target)
    (tmp_path / "report.json").write_bytes(msgspec.json.encode(report))
    assert respond.read_report(tmp_path / "report.json") == report


@pytest.mark.parametrize(
    ("body", "story"),
    [
        (b"", "is no plan"),
        (b"\xff\xfe", "is no plan"),
        (b"[]", "is no plan"),
        (b"{}", "is no plan"),
        (b'{"format": 3}', "is no plan"),
        (b'{"format": "codered/plan/2"}', r"is 'codered/plan/2', this version reads 'codered/plan/1'"),
        (b'{"format": "codered/report/1"}', r"is 'codered/report/1', this version reads 'codered/plan/1'"),
        (b'{"format": "codered/plan/1", "id": 3}', "is a damaged plan"),
        (b"[" * 100_000, "is no plan"),
        (b'{"x":' + b"[" * 100_000, "is no plan"),
        (b'{"format": "codered/plan/1", "x":' + b"[" * 100_000, "is no plan"),
    ],
)
def test_what_is_no_plan(tmp_path: Path, body: bytes, story: str) -> None:
    (tmp_path / "plan.json").write_bytes(body)
    with pytest.raises(WrongUse, match=story) as caught:
        respond.read_plan(tmp_path / "plan.json")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))


def test_a_missing_plan(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="can't be read: No such file"):
        respond.read_plan(tmp_path / "plan.json")
    with pytest.raises(WrongUse, match="can't be read: Is a directory"):
        respond.read_plan(tmp_path)
