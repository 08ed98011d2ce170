import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.cli.running import load_rules
from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.model.target import Place, Volume
from codered.scan import ScanRequest, evidence_hashing, image_scan
from codered.scan.confined_workers import UNCONFINED, WHERE
from codered.scan.evidence_hashing import EvidenceHashing
from codered.scan.image_scan import CHANGED, EVIDENCE, NO_HASH, ImageWishes, name_drives, scan_image
from codered.scan.request import Progress, ignore_progress
from codered.system import confining
from codered.targets import open_image
from tests.fixtures.disk_images import HIDDEN, make_infected_disk, make_table, put
from tests.fixtures.hive_files import key_of, write_hive
from tests.fixtures.ntfs_volumes import MIB, convert_disk, make_ntfs, mounted_ntfs
from tests.fixtures.windows_roots import Entries, write


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_infected_disk(tmp_path_factory.mktemp("d"))


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> RuleSet:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODERED_CACHE", str(rule_cache))
        return load_rules(("codered2",), whole=False)


def scanned(
    path: Path, rules: RuleSet, *, hashed: bool = True, tell: Callable[[Progress], None] = ignore_progress
) -> Report:
    image = open_image(os.fsencode(path))
    request = ScanRequest(places=(Place(str(path), (str(path),)),), must_find_files=True, cores=1)
    return scan_image(image, request, rules, tell, ImageWishes(hashed=hashed))


@pytest.fixture
def whole(disk: Path, rules: RuleSet) -> Report:
    return scanned(disk, rules)


def files_found(report: Report) -> set[tuple[str | None, str]]:
    return {(f.subject.shown, f.indicator) for f in report.findings if f.subject.kind == "file"}


def test_everything_is_found_and_the_evidence_is_what_it_was(disk: Path, whole: Report) -> None:
    before = hashlib.sha256(disk.read_bytes()).hexdigest()
    shown = {name for name, _ in files_found(whole)}
    assert shown >= {"C:\\Inetpub\\scripts\\root.exe", "C:\\explorer.exe", HIDDEN}
    assert "C:\\Program Files\\Common Files\\System\\msadc\\root.exe" in shown
    assert (whole.verdict, whole.target.kind, whole.target.evidence) == ("infected", "disk_image", before)
    assert whole.target.root == str(disk)


def test_the_same_is_found_in_a_container(disk: Path, rules: RuleSet, whole: Report) -> None:
    report = scanned(convert_disk(disk, "vmdk"), rules, hashed=False)
    assert files_found(report) == files_found(whole)
    assert [look.state for look in report.looks if look.why == NO_HASH] == ["skipped"]
    assert report.target.evidence == ""


def test_evidence_that_changes_is_a_gap(disk: Path, rules: RuleSet, tmp_path: Path) -> None:
    copy = tmp_path / "copy.raw"
    copy.write_bytes(disk.read_bytes())
    seen: list[int] = []

    def change(progress: Progress) -> None:
        if progress.files and not seen:
            seen.append(progress.files)
            put(copy, copy.stat().st_size - 512, b"changed")

    for hashed in (True, False):
        seen.clear()
        report = scanned(copy, rules, hashed=hashed, tell=change)
        (gap,) = [look for look in report.gaps() if look.where == EVIDENCE]
        assert gap.why.startswith(CHANGED)
        assert report.target.evidence == ""
        put(copy, copy.stat().st_size - 512, bytes(7))


def test_a_hash_that_can_not_be_taken_is_a_gap(disk: Path, rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EvidenceHashing, "finish", lambda _: "")
    report = scanned(disk, rules)
    assert image_scan.UNREAD in [look.why for look in report.gaps()]


def test_a_hashing_that_could_not_be_confined_is_told(
    disk: Path, rules: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(report: Report) -> list[tuple[str, str]]:
        return [(look.state, look.why) for look in report.looks if look.where == WHERE]

    assert told(scanned(disk, rules)) == []
    with monkeypatch.context() as patch:
        patch.setattr(evidence_hashing, "confine", lambda *_: "no such right")
        assert told(scanned(disk, rules)) == [("skipped", f"{UNCONFINED}: no such right")]
    monkeypatch.setattr(confining, "LIBRARY", "libnot-there.so.9")
    report = scanned(disk, rules)
    assert told(report) == [("skipped", f"{UNCONFINED}: {confining.NO_LIBRARY}")]  # of workers and of the hashing
    assert report.target.evidence


def test_stopped_by_the_user(disk: Path, rules: RuleSet) -> None:
    def stop(_progress: Progress) -> None:
        raise KeyboardInterrupt

    report = scanned(disk, rules, tell=stop)
    assert report.interrupted
    assert image_scan.STOPPED in [look.why for look in report.looks]


def test_letters_of_several_volumes(disk: Path, rules: RuleSet, tmp_path: Path) -> None:
    volume, other = disk.with_name("volume.img").read_bytes(), make_ntfs(tmp_path / "other", 4 * MIB).read_bytes()
    two = make_table(tmp_path / "two", 40 * MIB, (MIB, 4 * MIB), (8 * MIB, len(volume)))
    put(two, MIB, other)
    put(two, 8 * MIB, volume)
    report = scanned(two, rules, hashed=False)
    assert report.target.volumes == (Volume("p2", "C"), Volume("p1", "D"))
    assert image_scan.ASSUMED in [look.why for look in report.looks]


def test_letters_as_the_registry_of_the_image_says(tmp_path: Path) -> None:
    mounted: Entries = {"MountedDevices": {"\\DosDevices\\F:": b"SIGN" + (8 * MIB).to_bytes(8, "little"),
                                           "\\DosDevices\\C:": b"SIGN" + MIB.to_bytes(8, "little")}}  # fmt: skip
    volume = make_ntfs(tmp_path / "system")
    with mounted_ntfs(volume, tmp_path / "mnt") as root:
        write(root, "WINNT/system32/config/system", write_hive(key_of(mounted), "SYSTEM", 3))
    two = make_table(tmp_path / "two", 40 * MIB, (MIB, 4 * MIB), (8 * MIB, volume.stat().st_size))
    put(two, MIB, make_ntfs(tmp_path / "other", 4 * MIB).read_bytes())
    put(two, 8 * MIB, volume.read_bytes())
    image = open_image(os.fsencode(two))
    assert image.info.volumes == (Volume("p2", "C"), Volume("p1", "D"))
    assert name_drives(image) is None
    assert image.info.volumes == (Volume("p1", "C"), Volume("p2", "F"))
