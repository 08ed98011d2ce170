from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.known_good import Deviation, DeviationKind
from codered.model.paths import FilePath
from codered.scan.baseline_look import NOT_HELD, BaselineLook
from codered.scan.baselining import BaselineRequest, create_baseline
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = make_root(tmp_path)
    own(folder, "app", {"usr/lib/app/a.php": "a", "usr/lib/app/b.php": "b"})
    write(folder, {"usr/lib/app/a.php": "ours"})
    return folder


def deviate(root: Path, rel: str, kind: DeviationKind = "content") -> Deviation:
    return Deviation(kind=kind, truth="package-database", path=FilePath(str(root / rel)))


def test_what_was_so_when_the_baseline_was_made_is_vouched_for(root: Path) -> None:
    target = open_target(str(root))
    look = BaselineLook(create_baseline(target, BaselineRequest(jobs=1)).baseline)
    assert look.vouches_for(target, deviate(root, "usr/lib/app/a.php"))
    assert look.vouches_for(target, deviate(root, "usr/lib/app/gone.php", "missing"))
    assert not look.vouches_for(target, deviate(root, "usr/lib/none/gone.php", "missing"))
    assert not look.vouches_for(target, deviate(root, "usr/lib/app/a.php", "missing"))
    assert not look.vouches_for(target, deviate(root, "usr/lib/app/a.php", "mode"))
    write(root, {"usr/lib/app/a.php": "theirs", "usr/lib/app/new.php": "x"})
    assert not look.vouches_for(target, deviate(root, "usr/lib/app/a.php"))
    assert not look.vouches_for(target, deviate(root, "usr/lib/app/new.php"))


def test_a_system_is_compared_with_it(root: Path) -> None:
    target = open_target(str(root))
    look = BaselineLook(create_baseline(target, BaselineRequest(jobs=1)).baseline)
    assert look.compare(target)[0] == ()
    write(root, {"usr/lib/app/a.php": "theirs"})
    deviations, counted = look.compare(target)
    assert [(item.kind, item.shown) for item in deviations] == [("content", "/usr/lib/app/a.php")]
    assert any(item.layer == "integrity" and item.state == "looked" for item in counted)


def test_what_the_baseline_could_not_hold_is_a_gap(root: Path) -> None:
    target = open_target(str(root))
    made = create_baseline(target, BaselineRequest(jobs=1)).baseline
    look = BaselineLook(replace(made, gaps=("etc/x: no permission",), root="/elsewhere"))
    _, counted = look.compare(target)
    assert [item.example for item in counted if item.why == NOT_HELD] == ["etc/x: no permission"]
    assert any("another root" in item.why for item in counted)
