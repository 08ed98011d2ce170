import os
import shutil
import subprocess
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, arm_at_boot, finish_at_boot, roll_back
from codered.remediate.at_boot import check_boots, make_unit, quote_word
from codered.remediate.case_folder import open_case
from tests.fixtures.changing import FolderTarget, hash_tree, make_action, make_sealed_plan
from tests.fixtures.children import LiveTarget

UNIT = "etc/systemd/system/codered-finish-20261122-120000-abc123.service"
LINK = "etc/systemd/system/sysinit.target.wants/codered-finish-20261122-120000-abc123.service"


@pytest.fixture
def systemd(root: Path) -> FolderTarget:
    """A root that systemd starts."""
    (root / "etc/systemd/system").mkdir(parents=True)
    (root / "run/systemd/system").mkdir(parents=True)
    os.utime(root / "etc/systemd/system", ns=(2_000_000_001, 2_000_000_002))
    return LiveTarget(root)


@pytest.fixture
def plan(systemd: FolderTarget) -> Plan:
    return make_sealed_plan(systemd, make_action(systemd, "www/index.html"))


def test_it_is_written_and_taken_back(plan: Plan, systemd: FolderTarget, case: Path, root: Path) -> None:
    before = hash_tree(root)
    apply_plan(plan, systemd, case)
    unit = arm_at_boot(plan, systemd, case)
    assert (root / UNIT).read_bytes() == unit.text
    assert (root / LINK).read_bytes() == unit.text
    assert os.readlink(root / LINK) == f"../{unit.name}"
    roll_back(plan, systemd, case)
    assert hash_tree(root) == before


def test_a_folder_of_links_that_was_there_stays(plan: Plan, systemd: FolderTarget, case: Path, root: Path) -> None:
    wants = root / "etc/systemd/system/sysinit.target.wants"
    wants.mkdir()
    (wants / "other.service").symlink_to("/usr/lib/systemd/system/other.service")
    os.utime(wants, ns=(2_000_000_001, 2_000_000_002))
    before = hash_tree(root)
    apply_plan(plan, systemd, case)
    arm_at_boot(plan, systemd, case)
    arm_at_boot(plan, systemd, case)
    assert sorted(os.listdir(wants)) == [Path(LINK).name, "other.service"]
    roll_back(plan, systemd, case)
    assert hash_tree(root) == before


def test_systemd_reads_it_as_meant(plan: Plan, systemd: FolderTarget, case: Path, root: Path) -> None:
    apply_plan(plan, systemd, case)
    odd = case.parent.parent.parent / 'odd %n $HOME "state" \\'
    shutil.copytree(case, odd / "cases" / case.name)
    arm_at_boot(plan, systemd, odd / "cases" / case.name)
    verify = shutil.which("systemd-analyze")
    assert verify is not None, "systemd-analyze is missing: scripts/setup-debian installs it"
    said = subprocess.run([verify, "verify", "--man=no", root / UNIT], capture_output=True, text=True, check=False)
    assert Path(UNIT).name not in said.stderr, said.stderr


def test_a_finished_plan_takes_its_unit_away(plan: Plan, systemd: FolderTarget, case: Path, root: Path) -> None:
    apply_plan(plan, systemd, case)
    arm_at_boot(plan, systemd, case)
    assert finish_at_boot(plan, systemd, case).already
    assert not os.path.lexists(root / UNIT)
    assert not os.path.lexists(root / LINK)
    with pytest.raises(Refused, match="nothing of this plan was left"):
        finish_at_boot(plan, systemd, case)


def test_the_rest_of_a_plan_is_done(plan: Plan, systemd: FolderTarget, case: Path, root: Path) -> None:
    """A run that was killed before its first action, and the host then started again."""
    with open_case(case, plan, create=True) as folder:
        folder.journal.append("opened", plan_digest=plan.digest)
    arm_at_boot(plan, systemd, case)
    assert finish_at_boot(plan, systemd, case).done == ("a01",)
    assert not (root / "www/index.html").exists()
    assert not os.path.lexists(root / LINK)


def test_a_refused_finish_takes_its_unit_away_too(plan: Plan, systemd: FolderTarget, case: Path, root: Path) -> None:
    with open_case(case, plan, create=True) as folder:
        folder.journal.append("opened", plan_digest=plan.digest)
    arm_at_boot(plan, systemd, case)
    (root / "www/index.html").write_bytes(b"touched")
    with pytest.raises(Refused, match="not as the plan expects"):
        finish_at_boot(plan, systemd, case)
    assert not os.path.lexists(root / LINK)


def test_a_unit_that_was_changed_is_left(plan: Plan, systemd: FolderTarget, case: Path, root: Path) -> None:
    apply_plan(plan, systemd, case)
    arm_at_boot(plan, systemd, case)
    (root / UNIT).write_bytes(b"somebody else's")
    roll_back(plan, systemd, case)
    assert (root / UNIT).read_bytes() == b"somebody else's"
    assert not os.path.lexists(root / LINK)


def test_a_plan_that_was_never_begun_is_refused(plan: Plan, systemd: FolderTarget, case: Path) -> None:
    with pytest.raises(Refused, match="nothing was applied"):
        arm_at_boot(plan, systemd, case)
    with open_case(case, plan, create=True):
        pass
    with pytest.raises(Refused, match="never begun"):
        arm_at_boot(plan, systemd, case)


def test_a_case_others_can_write_in_is_refused(plan: Plan, systemd: FolderTarget, case: Path, root: Path) -> None:
    apply_plan(plan, systemd, case)
    arm_at_boot(plan, systemd, case)
    case.chmod(0o777)
    with pytest.raises(Refused, match="others may write"):
        finish_at_boot(plan, systemd, case)


@pytest.mark.parametrize("missing", ["etc/systemd/system", "run/systemd/system"])
def test_without_systemd_it_is_said(missing: str, systemd: FolderTarget, root: Path) -> None:
    check_boots(systemd)
    (root / missing).rmdir()
    with pytest.raises(Refused, match="not started by systemd"):
        check_boots(systemd)


def test_an_offline_root_needs_no_running_systemd(systemd: FolderTarget, root: Path) -> None:
    (root / "run/systemd/system").rmdir()
    check_boots(FolderTarget(root))


def test_what_a_unit_says(plan: Plan, case: Path) -> None:
    text = make_unit(plan, case).text.decode()
    assert f'apply" "{case}/plan.json" "--yes" "--finish-at-boot"\n' in text
    assert f'Environment="CODERED_STATE={case.parent.parent}"\n' in text
    assert "Before=sysinit.target network-pre.target" in text


@pytest.mark.parametrize(
    ("word", "setting", "command"),
    [
        ("plain", '"plain"', '"plain"'),
        ("a b%n", '"a b%%n"', '"a b%%n"'),
        ('$x"\\', '"$x\\"\\\\"', '"$$x\\"\\\\"'),
    ],
)
def test_words_are_quoted(word: str, setting: str, command: str) -> None:
    assert quote_word(word) == setting
    assert quote_word(word, command=True) == command


@pytest.mark.parametrize("word", ["a\nb", "\x1b", "\udcff"])
def test_words_that_can_not_be_written(word: str) -> None:
    with pytest.raises(Refused, match="can't be written in a unit"):
        quote_word(word)
