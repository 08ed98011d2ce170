from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from codered import respond
from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.model.plan import LinksState, LinkState, Plan, ProcessState
from codered.model.report import Report
from codered.model.target import Place, Target
from tests.fixtures.changing import FolderTarget, hash_tree, make_action, make_sealed_plan
from tests.fixtures.findings_for_plans import find_whole
from tests.fixtures.packs_for_plans import make_finding, make_pack, make_report


@pytest.fixture
def target(tmp_path: Path) -> FolderTarget:
    root = tmp_path / "root"
    for name in ("www/scripts/root.exe", "www/index.html", "wwwx/a"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"INERT MARKER")
    return FolderTarget(root)


@pytest.fixture
def plan(target: FolderTarget) -> Plan:
    names = ("www/scripts/root.exe", "www/index.html", "wwwx/a")
    return make_sealed_plan(target, *(make_action(target, name, id_=f"a{n}") for n, name in enumerate(names)))


def test_plan_apply_verify_undo(target: FolderTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    packs = (make_pack("one", {"root-exe": "quarantine_file"}),)
    report = make_report(target, make_finding(target, b"www/scripts/root.exe"))
    asked: list[tuple[Place, ...]] = []

    def scan(where: Target, with_packs: tuple[LoadedPack, ...], places: tuple[Place, ...]) -> Report:
        assert (where, with_packs) == (target, packs)
        asked.append(places)
        return replace(report, findings=())

    root = Path(target.info.root)
    before = hash_tree(root)
    plan = respond.make_plan(report, packs, target)
    assert respond.apply(plan, target, lambda _: None).done == ("a01",)
    assert (tmp_path / "state/cases" / plan.id / "journal.jsonl").is_file()
    assert respond.verify(plan, target, packs, scan).findings == ()
    assert asked == [(Place("places touched", (str(root / "www/scripts"),)),)]
    assert respond.undo(plan, target, lambda _: None).undone == ("a01",)
    assert hash_tree(root) == before


def test_places_touched_are_folders_once(plan: Plan, target: FolderTarget) -> None:
    root = target.info.root
    assert respond.places_touched(plan) == (Place("places touched", (f"{root}/www", f"{root}/wwwx")),)
    assert respond.places_touched(replace(plan, actions=())) == ()


def test_where_cases_are_kept(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", "/data/state")
    assert respond.case_folder(plan) == Path("/data/state/cases/20261122-120000-abc123")
    monkeypatch.delenv("CODERED_STATE")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert respond.state_folder() == Path("/var/lib/codered")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/home/u/state")
    assert respond.state_folder() == Path("/home/u/state/codered")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/u")
    assert respond.state_folder() == Path("/home/u/.local/state/codered")


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


def test_the_folders_of_links_are_touched_and_those_of_programs_are_not(plan: Plan, target: FolderTarget) -> None:
    root = target.info.root
    first = plan.actions[0]
    running = ProcessState(pid=77, start=1, boot="x", state="running")
    process = replace(first, kind="stop_process", path=FilePath("/usr/bin/python3"), expects=running)
    links = LinksState(links=(LinkState(path=FilePath(f"{root}/etc/rc2.d/S01x"), target=FilePath("../x")),))
    service = replace(first, kind="disable_service", path=FilePath(f"{root}/etc/init.d/x"), expects=links)
    (place,) = respond.places_touched(replace(plan, actions=(process, service)))
    assert place.paths == (f"{root}/etc/init.d", f"{root}/etc/rc2.d")
    assert respond.places_touched(replace(plan, actions=(process,))) == ()


@pytest.mark.parametrize(("listed", "goes"), [("/usr/sbin/other", True), ("/lib/systemd/system/x.service", False)])
def test_plans_ask_the_packages(target: FolderTarget, listed: str, goes: bool) -> None:
    root = Path(target.info.root)
    for name, body in {
        "lib/systemd/system/x.service": b"[Service]\n",
        "etc/systemd/system/keep": b"",
        "var/lib/dpkg/info/inert.list": f"{listed}\n".encode(),
        "var/lib/dpkg/status": b"Package: inert\nStatus: install ok installed\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(body)
    finding = find_whole(target, "lib/systemd/system/x.service", key="systemd", remedy="remove_service")
    plan = respond.make_plan(make_report(target, finding), (), target)
    assert ("quarantine_file" in {action.kind for action in plan.actions}) == goes


def test_whether_a_plan_is_in_effect(
    plan: Plan, target: FolderTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    assert not respond.was_applied(plan)
    assert respond.list_frozen(plan) == ()
    respond.apply(plan, target, lambda _: None)
    assert respond.was_applied(plan)
    respond.undo(plan, target, lambda _: None)
    assert not respond.was_applied(plan)
    (respond.case_folder(plan) / "journal.jsonl").write_bytes(b"damaged\n")
    assert respond.was_applied(plan)
