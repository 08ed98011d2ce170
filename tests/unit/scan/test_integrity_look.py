from pathlib import Path

import pytest

from codered.collect.recorded_files import WHOLE
from codered.model.known_good import Deviation
from codered.model.paths import FilePath
from codered.model.target import Place, Target
from codered.scan.integrity_look import FILES, PACKAGES, VOUCHED, look_at_baseline, look_at_packages
from codered.scan.request import ScanRequest
from codered.scan.tasks import Counted
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own


class Vouching:
    """Knows one path as it is now, and says that another is new."""

    def __init__(self, known: str) -> None:
        self._known = known

    def compare(self, target: Target) -> tuple[tuple[Deviation, ...], tuple[Counted, ...]]:
        path = FilePath(target.absolute(b"var/www/x.php").decode())
        return (Deviation(kind="new-web-file", truth="baseline", path=path),), (Counted("integrity", "all", count=3),)

    def vouches_for(self, _target: Target, deviation: Deviation) -> bool:
        return deviation.shown == self._known


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = make_root(tmp_path)
    own(folder, "app", {"usr/lib/app/a.php": "a", "usr/lib/app/b.php": "b", "usr/share/doc/app/readme": "r"})
    for name in ("usr/lib/app/a.php", "usr/lib/app/b.php", "usr/share/doc/app/readme"):
        (folder / name).write_text("changed")
    return folder


def request(**more: object) -> ScanRequest:
    return ScanRequest(places=(Place("all", ("/",)),), **more)  # type: ignore[arg-type]


def test_what_runs_is_compared_and_the_rest_is_counted(root: Path) -> None:
    look = look_at_packages(open_target(str(root)), request(), WHOLE)
    assert {item.subject.shown for item in look.findings} == {"/usr/lib/app/a.php", "/usr/lib/app/b.php"}
    counts = {(item.where, item.state): item.count for item in look.counted}
    assert counts == {(PACKAGES, "looked"): 2, (FILES, "looked"): 6, (FILES, "skipped"): 1}


def test_what_a_baseline_knows_so_is_no_finding_but_said(root: Path) -> None:
    look = look_at_packages(open_target(str(root)), request(baseline=Vouching("/usr/lib/app/a.php")), WHOLE)
    assert [item.subject.shown for item in look.findings] == ["/usr/lib/app/b.php"]
    assert [item.example for item in look.counted if item.why == VOUCHED] == ["/usr/lib/app/a.php"]


def test_gaps_are_told(root: Path) -> None:
    (root / "var/lib/dpkg/info/app.md5sums").unlink()
    look = look_at_packages(open_target(str(root)), request(), WHOLE)
    assert ["package app" in item.why for item in look.counted if item.state == "failed"] == [True]


def test_the_system_against_a_baseline(root: Path) -> None:
    target = open_target(str(root))
    look = look_at_baseline(target, request(baseline=Vouching("")))
    assert [item.indicator for item in look.findings] == ["new-web-file"]
    assert [item.count for item in look.counted] == [3]
    assert look_at_baseline(target, request()) == ((), ())


def test_a_partial_tree_is_told_once_a_package(tmp_path: Path) -> None:
    folder = make_root(tmp_path)
    names = [f"usr/lib/app/{number}.php" for number in range(40)]
    own(folder, "app", dict.fromkeys(names, "x"))
    for name in names[1:]:
        (folder / name).unlink()
    (finding,) = look_at_packages(open_target(str(folder)), request(), WHOLE).findings
    assert finding.because.endswith("most of its files are not here, 39 of 40: a partial tree?")
