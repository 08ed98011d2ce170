import json
import subprocess
from pathlib import Path

import pytest

from codered.targets.overlay.exporting import make_overlay
from tests.fixtures.disk_images import HIDDEN, make_infected_disk
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs
from tests.fixtures.saying import Say


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("d")
    return make_infected_disk(folder)


def test_an_image_is_scanned(say: Say, disk: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(disk)
    answer = say("scan", "--image", tmp_path / "link", "--packs", "codered2", "--json", "--jobs", "1")
    report = json.loads(answer.out)
    shown = {finding["subject"].get("shown") for finding in report["findings"]}
    assert {HIDDEN, "C:\\explorer.exe", "C:\\Inetpub\\scripts\\root.exe"} <= shown
    assert (answer.code, report["target"]["root"]) == (1, str(disk))
    digest = subprocess.run(["sha256sum", disk], capture_output=True, text=True, check=True).stdout.split()[0]
    assert report["target"]["evidence"] == digest
    text = say("scan", "--image", disk, "--packs", "codered2", "--jobs", "1", "-o", tmp_path / "r.html").out
    assert f"sha256 {digest}, before and after" in " ".join(text.split())
    assert f"sha256 {digest}, before and after" in (tmp_path / "r.html").read_text()


def test_web_logs_in_an_image(say: Say, tmp_path: Path) -> None:
    line = "2001-08-05 10:00:00 10.1.1.1 GET /default.ida " + "X" * 224 + "%u9090%u6858%ucbd3%u7801=a 200\r\n"
    volume = make_ntfs(tmp_path / "v.img")
    with mounted_ntfs(volume, tmp_path / "mnt") as root:
        (root / "WINNT/system32/LogFiles/W3SVC1").mkdir(parents=True)
        fields = "#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status\r\n"
        (root / "WINNT/system32/LogFiles/W3SVC1/ex010805.log").write_text(fields + line * 50)
    report = json.loads(say("scan", "--image", volume, "--packs", "codered2", "--json", "--no-hash").out)
    assert report["logs"]["lines"] == 51
    assert report["logs"]["hits"] == 50


@pytest.mark.parametrize(
    "words",
    [("--image", "x", "/tmp"), ("--image", "x", "--root", "/tmp"), ("--image", "x", "--memory", "y"),
     ("--no-hash", "/tmp"), ("--image", "x", "--fast"), ("--image", "x", "--full"),
     ("--image", "/nothing"), ("--image", "/etc")],
)  # fmt: skip
def test_words_that_do_not_fit(say: Say, words: tuple[str, ...]) -> None:
    answer = say("scan", *words)
    assert answer.code == 2
    assert "—" in answer.err


def test_what_apply_made_is_refused_in_one_line(say: Say, disk: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cases/p1/image"
    folder.mkdir(parents=True)
    make_overlay(folder / "overlay.qcow2", str(disk), "raw", disk.stat().st_size)
    (tmp_path / "link").symlink_to(folder / "overlay.qcow2")
    for path in (folder / "overlay.qcow2", tmp_path / "link"):
        answer = say("scan", "--image", path)
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
        assert "holds only what plan p1 changed in an image — codered verify PLAN" in answer.err
    whole = tmp_path / "disk.raw"
    subprocess.run(["qemu-img", "convert", "-O", "raw", folder / "overlay.qcow2", whole], check=True)
    words = ("--packs", "codered2", "--no-hash", "--jobs", "1")
    assert say("scan", "--image", whole, *words).code == 1  # as it says


def test_deleted_files_are_a_place_of_their_own_and_never_planned(say: Say, disk: Path) -> None:
    words = ("scan", "--image", disk, "--packs", "codered2", "--json", "--no-hash", "--deleted")
    report = json.loads(say(*words).out)
    assert "deleted files" in {look["where"] for look in report["looks"]}
    gone = [each for each in report["findings"] if each["subject"].get("shown", "").endswith("(deleted)")]
    assert [each["subject"]["shown"] for each in gone] == ["C:\\deleted.exe (deleted)"]
    assert ("path" in gone[0]["subject"], gone[0]["confidence"]) == (False, "suspicious")
