import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from codered.model.errors import Refused
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.case_folder import BALLAST, MARGIN, check_place, open_case
from codered.system.folders import sync_folder
from tests.fixtures.changing import FolderTarget, make_action, make_sealed_plan


@pytest.fixture
def plan(target: FolderTarget) -> Plan:
    return make_sealed_plan(target, make_action(target, "www/index.html"))


@pytest.mark.parametrize(
    "place", ["/var/www/html/case", "/srv/www/x", "/data/Inetpub/x", "/home/u/public_html/case", "/usr/share/nginx/x"]
)
def test_no_vault_below_a_web_root(place: str) -> None:
    with pytest.raises(Refused, match="below a web root"):
        check_place(Path(place), "/")


def test_places_that_are_fine() -> None:
    check_place(Path("/var/lib/codered/cases/x"), "/")
    check_place(Path("/var/lib/codered/cases/x"), "/mnt/volume")
    check_place(Path("/mnt/volume2/x"), "/mnt/volume")


def test_a_link_to_the_target_does_not_help(root: Path, tmp_path: Path) -> None:
    (tmp_path / "innocent").symlink_to(root)
    with pytest.raises(Refused, match="on the target itself"):
        check_place(tmp_path / "innocent" / "case", str(root))


def test_ballast_is_real_and_can_be_let_go(plan: Plan, case: Path) -> None:
    with open_case(case, plan, create=True) as folder:
        folder.check_space(100)
        assert (case / "ballast").stat().st_blocks * 512 >= BALLAST
        folder.release_ballast()
        assert not (case / "ballast").exists()
        folder.release_ballast()
        folder.check_space(100)
        assert (case / "ballast").stat().st_size == BALLAST


def test_more_than_the_disk_has_is_refused(plan: Plan, case: Path) -> None:
    with open_case(case, plan, create=True) as folder:
        with pytest.raises(Refused, match="nothing was touched"):
            folder.check_space(1 << 60)
        assert not (case / "ballast").exists()


def test_one_at_a_time(plan: Plan, case: Path) -> None:
    with open_case(case, plan, create=True), pytest.raises(Refused, match="in use"), open_case(case, plan, create=True):
        pytest.fail("two got in")
    with open_case(case, plan, create=False):
        pass


def test_no_case_to_open(plan: Plan, case: Path) -> None:
    with pytest.raises(Refused, match="nothing was applied"), open_case(case, plan, create=False):
        pytest.fail("it opened")
    assert not case.exists()


def test_a_case_that_is_a_link_is_refused(plan: Plan, case: Path, tmp_path: Path) -> None:
    case.parent.mkdir(parents=True)
    (tmp_path / "real").mkdir(mode=0o700)
    case.symlink_to(tmp_path / "real")
    with pytest.raises(Refused, match="can't be trusted"), open_case(case, plan, create=True):
        pytest.fail("it opened")


def test_a_strangers_case_is_refused(plan: Plan, case: Path) -> None:
    case.mkdir(parents=True, mode=0o700)
    os.chown(case, 65534, 65534)
    with pytest.raises(Refused, match="can't be trusted"), open_case(case, plan, create=True):
        pytest.fail("it opened")


def test_a_changed_copy_of_the_plan_is_refused(plan: Plan, case: Path) -> None:
    with open_case(case, plan, create=True):
        pass
    (case / "plan.json").write_bytes((case / "plan.json").read_bytes().replace(b"a test", b"a tesT"))
    with pytest.raises(Refused, match="holds another plan"), open_case(case, plan, create=True):
        pytest.fail("it opened")


def test_syncing_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        sync_folder(os.fsencode(tmp_path / "file"))


def test_the_margin_is_asked_for_too(plan: Plan, case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for the contents alone is not enough: journal and records need theirs, to the byte."""
    free = 0
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=free, f_frsize=1))
    with open_case(case, plan, create=True) as folder:
        for free in (1000, 1000 + MARGIN - 1):
            with pytest.raises(Refused, match=f"needs {1000 + MARGIN:,} bytes and its disk has {free:,}"):
                folder.check_space(1000)
        free = 1000 + MARGIN
        folder.check_space(1000)
        free -= BALLAST  # what is reserved already counts as free
        folder.check_space(1000)


@pytest.mark.parametrize("left", [0, 1, 100])
def test_a_journal_that_was_cut_or_removed_is_not_taken_for_nothing_done(
    target: FolderTarget, case: Path, left: int
) -> None:
    one, two = (make_action(target, f"www/scripts/{name}", id_=name[:1]) for name in ("root.exe", "page.asp"))
    plan = make_sealed_plan(target, one, two)
    apply_plan(plan, target, case)
    journal = case / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:left])
    with pytest.raises(Refused, match="the vault holds backups of 2 files that the journal does not know"):
        roll_back(plan, target, case)
