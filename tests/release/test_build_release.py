"""scripts/build-release: what it makes, what it refuses, and that nothing half-made is left."""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered import __version__
from codered.model.errors import WrongUse
from codered.signing.keys import load_public_key, make_key
from codered.signing.releases import open_release
from scripts import build_release
from tests.release.conftest import ROOT, run_git

NAME = f"codered_detect-{__version__}"


def test_a_release_says_what_it_holds_and_where_it_came_from(signed: Path) -> None:
    files = signed / "files"
    opened = open_release(files / "release.json", load_public_key(signed / "publisher.pub"))
    assert opened.release.version == __version__
    assert opened.release.commit == run_git(signed / "checkout", "rev-parse", "HEAD").strip()
    assert opened.release.time.isoformat() == "2026-01-02T03:04:05+00:00"
    there = {path.name for path in files.iterdir()}
    assert {file.name for file in opened.release.files} | {"release.json", "SHA256SUMS", "SHA256SUMS.sig"} == there
    for file in opened.release.files:
        raw = (files / file.name).read_bytes()
        assert (file.sha256, file.size) == (hashlib.sha256(raw).hexdigest(), len(raw))
        assert file.what
    assert f"{NAME}-py3-none-any.whl" in there
    pack = hashlib.sha256((ROOT / "packs/codered/pack.yaml").read_bytes()).hexdigest()
    assert opened.installed["codered/shipped_packs/codered/pack.yaml"] == pack
    assert len(opened.installed) == 3


def test_without_a_key_it_says_that_it_is_not_for_publishing(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into = tmp_path / "new" / "folder"
    assert build_release.main(["--into", str(into), "--only", "wheel"], checkout) == 0
    said = capsys.readouterr()
    assert "NOT FOR PUBLISHING: signed by a key of this run alone (one-time-key.pub)" in said.err
    assert str(into / f"{NAME}-py3-none-any.whl") in said.out.splitlines()
    assert (
        open_release(into / "release.json", load_public_key(into / "one-time-key.pub")).release.version == __version__
    )
    assert list(into.parent.iterdir()) == [into]
    assert not run_git(checkout, "status", "--porcelain")


def test_uncommitted_changes_are_refused_or_told(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "src/codered/new.py").write_text('"""New."""\n')
    into = tmp_path / "dist"
    assert build_release.main(["--into", str(into), "--only", "wheel"], checkout) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "has 1 uncommitted change, the first is 'src/codered/new.py'" in line
    assert not into.exists()
    assert build_release.main(["--into", str(into), "--only", "wheel", "--dirty"], checkout) == 0
    told = json.loads((into / "release.json").read_bytes())
    assert told["version"] == f"{__version__}+dirty"
    assert f"{NAME}+dirty-py3-none-any.whl" in {file["name"] for file in told["files"]}
    assert "codered/new.py" in (into / "codered-files.sha256").read_text()
    assert build_release.main(["--into", str(into), "--only", "deb", "--dirty"], checkout) == 2
    assert "can't say that there are uncommitted changes" in capsys.readouterr().err
    assert json.loads((into / "release.json").read_bytes()) == told  # the earlier one is still whole


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """64 KiB, of which a release needs more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "small", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, f"this test needs root and mount(8) with tmpfs: {done.stderr}"
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True, timeout=60)


def test_a_full_disk_is_one_line_and_leaves_nothing(
    checkout: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build_release.main(["--into", str(small_disk / "release"), "--only", "wheel"], checkout) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "No space left on device — make room there" in line
    assert list(small_disk.iterdir()) == []


def test_what_is_in_the_way_stays(checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter").write_text("dear")
    (tmp_path / "link").symlink_to("mine")
    for name in ("mine", "mine/letter", "link"):
        assert build_release.main(["--into", str(tmp_path / name), "--only", "wheel"], checkout) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f"{tmp_path / name}: holds something else than a release" in line
    assert build_release.main(["--into", str(tmp_path / "mine/letter/under"), "--only", "wheel"], checkout) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "can't be read or written: File exists" in line
    assert (tmp_path / "mine/letter").read_text() == "dear"
    assert build_release.main(["--into", "/proc/codered", "--only", "wheel"], checkout) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "/proc/codered: can't be read or written" in line
    assert build_release.main(["--into", "", "--only", "wheel"], checkout) == 2
    assert "--into: is empty — name a folder" in capsys.readouterr().err


def test_keys_that_will_not_do_are_refused_before_anything_is_built(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_key(tmp_path / "locked", b"open sesame")
    make_key(tmp_path / "read-by-all")
    (tmp_path / "read-by-all").chmod(0o644)
    for name, why in (
        ("locked", "is an encrypted key — give its passphrase"),
        ("read-by-all", "a private key that others may read"),
        ("missing", "can't be read: No such file or directory"),
    ):
        words = ["--key", str(tmp_path / name), "--into", str(tmp_path / "dist"), "--only", "wheel"]
        assert build_release.main(words, checkout) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f"{tmp_path / name}: {why}" in line
    (tmp_path / "words").write_text("open sesame\n")
    words = ["--key", str(tmp_path / "locked"), "--passphrase-file", str(tmp_path / "words")]
    assert build_release.main([*words, "--into", str(tmp_path / "dist"), "--only", "wheel"], checkout) == 0


def test_a_missing_tool_is_named_if_its_part_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WrongUse, match="exe: wine is missing — run scripts/setup-debian"):
        build_release.choose_parts(["exe"])
    assert build_release.choose_parts([]) == ["wheel", "sdist", "pyz", "sbom"]
    said = capsys.readouterr().err
    assert "deb is LEFT OUT: dpkg-deb is missing" in said
    assert "exe is LEFT OUT: wine is missing" in said


def test_what_is_no_checkout_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert build_release.main(["--into", str(tmp_path / "dist"), "--only", "wheel"], tmp_path / "empty") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "not a git repository" in line
    assert line.endswith("run this in a git checkout of CodeRed")


def test_a_failed_build_says_what_the_tool_said(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "README.md").unlink()
    run_git(checkout, "commit", "-qam", "no readme")
    assert build_release.main(["--into", str(tmp_path / "dist"), "--only", "wheel"], checkout) == 2
    said = capsys.readouterr().err
    assert "Readme file does not exist: README.md" in said
    assert said.splitlines()[-1] == (
        "build-release: build: failed; the end of what it said is above — mend that, and repeat"
    )
    assert not (tmp_path / "dist").exists()
