"""Whether a place can be changed, in mount namespaces of the test's own children."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.remediate.mounts import MOUNTED, READ_ONLY, check_changeable
from tests.fixtures.changing import FolderTarget, make_action
from tests.fixtures.children import SHELL, Children, make_stop

CHECKOUT = Path(__file__).resolve().parents[3]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts need root")
RESPOND = """
import json, sys
from pathlib import Path
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.planning import make_plan
from tests.fixtures.changing import FolderTarget
from tests.fixtures.findings_for_plans import find_whole
from tests.fixtures.packs_for_plans import make_report
root, case = Path(sys.argv[1]), Path(sys.argv[2])
target = FolderTarget(root)
found = [find_whole(target, rel, key="cron", remedy="quarantine_file") for rel in sys.argv[3:]]
plan = make_plan(make_report(target, *found), (), target)
apply_plan(plan, target, case)
left = [rel for rel in sys.argv[3:] if (root / rel).exists()]
roll_back(plan, target, case)
print(json.dumps([left, [item.because for item in plan.left_alone], [(root / rel).exists() for rel in sys.argv[3:]]]))
"""
FILES = ["www/index.html", "www/scripts/root.exe"]


def respond(root: Path, case: Path, mounts: str, code: str = RESPOND) -> list[object]:
    """Plan, apply and roll back in a mount namespace of its own, after these commands."""
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", f'{mounts} && exec "$0" "$@"']
    ran = subprocess.run(
        [*words, sys.executable, "-c", code, str(root), str(case), *FILES],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": f"{CHECKOUT}/src:{CHECKOUT}"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found: list[object] = json.loads(ran.stdout)
    return found


@needs_root
def test_what_lies_on_a_read_only_mount_is_left_out_and_the_rest_is_done(root: Path, case: Path) -> None:
    scripts = root / "www/scripts"
    mounts = f"mount --bind {scripts} {scripts} && mount -o remount,bind,ro {scripts}"
    assert respond(root, case, mounts) == [["www/scripts/root.exe"], [READ_ONLY], [True, True]]


@needs_root
def test_a_file_that_is_a_mount_is_left_out(root: Path, case: Path) -> None:
    file = root / "www/scripts/root.exe"
    assert respond(root, case, f"mount --bind {file} {file}") == [["www/scripts/root.exe"], [MOUNTED], [True, True]]


@needs_root
def test_a_mount_that_became_read_only_since_the_plan_undoes_all_and_nothing_is_left_changed(
    root: Path, case: Path
) -> None:
    """The file that could not be taken away needs no undoing, so the rest comes back and the story is true."""
    remount = f"subprocess.run(['mount', '-o', 'remount,bind,ro', {str(root / 'www/scripts')!r}], check=True)"
    code = RESPOND.replace(
        "apply_plan(plan, target, case)\n",
        f"""
import subprocess
from codered.model.errors import RolledBack
{remount}
try:
    apply_plan(plan, target, case)
except RolledBack as error:
    print(json.dumps([str(error), [(root / rel).exists() for rel in sys.argv[3:]]]))
    sys.exit()
""",
    )
    told, there = respond(root, case, f"mount --bind {root}/www/scripts {root}/www/scripts", code)
    assert "everything done before was undone" in str(told)
    assert there == [True, True]


def test_usual_places_can_be_changed(root: Path, target: FolderTarget, children: Children) -> None:
    action = make_action(target, "www/index.html")
    check_changeable(action, target)
    (root / "www/index.html").unlink()
    check_changeable(action, target)
    check_changeable(make_stop(children.start(SHELL, "-c", "sleep 60; :"), SHELL), target)
    with pytest.raises(Refused):
        check_changeable(action, FolderTarget(root / "www/scripts"))
