import os
from pathlib import Path

import pytest

from codered.cli.running import load_rules
from codered.model.ruleset import RuleSet
from codered.scan import deleted_files
from codered.scan.deleted_files import DELETED, MORE, STOPPED, look_at_deleted
from codered.targets import open_image
from codered.targets.disk_image import DiskImage
from tests.fixtures.disk_images import MARKER
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> RuleSet:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODERED_CACHE", str(rule_cache))
        return load_rules(("codered2",), whole=False)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> DiskImage:
    folder = tmp_path_factory.mktemp("v")
    volume = make_ntfs(folder / "v.img")
    with mounted_ntfs(volume, folder / "mnt") as root:
        (root / "kept").mkdir()
        (root / "WINNT/system32").mkdir(parents=True)
        (root / "kept/there.txt").write_bytes(b"not deleted")
        (root / "kept/gone.exe").write_bytes(MARKER * 30)
        (root / "kept/harmless.txt").write_bytes(b"harmless" * 500)
        for name in ("gone.exe", "harmless.txt"):
            (root / "kept" / name).unlink()
    return open_image(os.fsencode(volume))


def test_what_is_left_of_deleted_files_is_told_apart(image: DiskImage, rules: RuleSet) -> None:
    remains = look_at_deleted(image, rules)
    (finding,) = [each for each in remains.findings if each.indicator]
    assert finding.subject.shown is not None
    assert finding.subject.shown.endswith("gone.exe (deleted)")
    assert (finding.subject.path, finding.confidence, finding.near) == (None, "suspicious", False)
    (looked,) = [look for look in remains.looks if look.state == "looked"]
    assert (looked.where, looked.count >= 2) == (DELETED, True)


def test_there_is_an_end_to_it(image: DiskImage, rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleted_files, "MOST_FILES", 1)
    remains = look_at_deleted(image, rules)
    assert [look.why for look in remains.looks if look.is_gap()] == [MORE]


def test_the_user_may_stop_it(image: DiskImage, rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(image, "open_deleted", stop)
    assert STOPPED in [look.why for look in look_at_deleted(image, rules).looks if look.is_gap()]
