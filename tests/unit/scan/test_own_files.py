import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

import codered
from codered.model.errors import WrongUse
from codered.model.target import Place
from codered.packs.loading import find_shipped_packs, load_pack
from codered.scan import own_files
from codered.scan.own_files import COMMITTED, PACK_FILE, OwnFiles, find_own_checkout
from codered.scan.request import ScanRequest
from codered.targets import open_target
from tests.fixtures.small_packs import make_pack


def tell_why(own: OwnFiles, path: Path, sha256: str = "") -> str:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return own.tell_why(os.fsencode(path), sha256, descriptor)
    finally:
        os.close(descriptor)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    (root / "src/codered").mkdir(parents=True)
    for name in ("src/codered/__init__.py", "pyproject.toml", "tests/sample", "www/sample", "tests/www/sample"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{name} as committed\n")
    who = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run(["git", "-C", str(root), *who, *words], check=True, capture_output=True)
    return root


def test_what_was_committed_is_ours_byte_for_byte_in_its_place(checkout: Path) -> None:
    own, sample = OwnFiles((), checkout), checkout / "tests/sample"
    assert tell_why(own, sample) == COMMITTED
    assert tell_why(OwnFiles(()), sample) == ""
    for name in ("tests/beside", "src/codered/sample"):
        (checkout / name).write_bytes(sample.read_bytes())
        assert tell_why(own, checkout / name) == ""
    body = sample.read_bytes()
    sample.write_bytes(body.swapcase())
    assert tell_why(own, sample) == ""
    sample.write_bytes(body + b" ")
    assert tell_why(own, sample) == ""


def test_a_web_root_that_a_fork_added_is_none_of_ours(checkout: Path) -> None:
    own = OwnFiles((), checkout)
    assert tell_why(own, checkout / "tests/www/sample") == COMMITTED
    assert tell_why(own, checkout / "www/sample") == ""
    assert tell_why(own, checkout / "pyproject.toml") == ""


def test_no_more_is_read_than_was_committed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, sample = OwnFiles((), checkout), checkout / "tests/sample"
    size = sample.stat().st_size
    asked: list[tuple[int, int]] = []

    def read(_descriptor: int, most: int, at: int) -> bytes:
        asked.append((most, at))
        return b"x" * min(most, 7)  # of a file that grows for ever

    monkeypatch.setattr(own_files, "read_at", read)
    assert tell_why(own, sample) == ""
    assert max(most + at for most, at in asked) == size + 1
    asked.clear()
    os.truncate(sample, 1 << 40)
    assert tell_why(own, sample) == ""
    assert asked == []


def test_a_pack_is_told_before_the_commit(checkout: Path) -> None:
    sha256 = hashlib.sha256((checkout / "tests/sample").read_bytes()).hexdigest()
    pack = replace(make_pack("lab"), folder=str(checkout / "tests"), files={"sample": sha256})
    assert tell_why(OwnFiles((pack,), checkout), checkout / "tests/sample", sha256) == PACK_FILE


def test_the_checkout_that_runs_is_judged_where_it_was_named(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(*places: Path, offline: bool = False) -> Path | None:
        target = open_target(str(checkout.parent)) if offline else open_target()
        return find_own_checkout(target, ScanRequest(places=(Place("x", tuple(map(str, places))),)))

    monkeypatch.setattr(codered, "__file__", str(checkout / "src/codered/__init__.py"))
    around = checkout.parent
    assert find(around) == find(Path("/")) == checkout
    assert find(checkout) is find(checkout / "src") is find(around, checkout / "src") is find(Path("/srv")) is None
    assert find(around, offline=True) is None
    (checkout / "pyproject.toml").unlink()
    assert find(around) is None


def test_a_pack_clears_its_files_in_its_own_folder_only(tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"x").hexdigest()
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    pack = replace(make_pack("lab"), folder=str(tmp_path / "link"), files={"examples/hit/shell.php": sha256})
    own = OwnFiles((pack,))
    real = os.fsencode(tmp_path / "real")
    assert own.include(real + b"/examples/hit/shell.php", sha256)
    assert not own.include(real + b"/examples/hit/shell.php", "0" * 64)
    assert not own.include(real + b"/examples/hit/shell.php", "")
    assert not own.include(b"/var/www/shell.php", sha256)


def test_copies_of_shipped_files_are_ours_under_their_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = load_pack(find_shipped_packs() / "webshell")
    sha256 = shipped.files["rules.yar"]
    for own in (OwnFiles(()), OwnFiles((shipped,))):
        assert own.include(b"/srv/copy/webshell/rules.yar", sha256)
        assert not own.include(b"/var/www/rules.php", sha256)

    def fail() -> Path:
        raise WrongUse("the threat packs are not there")

    monkeypatch.setattr(own_files, "find_shipped_packs", fail)
    assert not OwnFiles(()).include(b"/srv/copy/webshell/rules.yar", sha256)
