"""The line that a stranger types to verify a release, as the page has it, and every harm that it must see."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.signing.keys import make_key
from tests.release.conftest import ROOT

SAID_AT_LAST = "all is as published"  # and the version
BLOCK = re.compile(r"^```sh\n(openssl .*?)^```$", re.MULTILINE | re.DOTALL)


def read_line(page: str) -> str:
    found = BLOCK.findall((ROOT / page).read_text("utf-8"))
    assert len(found) == 1, f"{page}: one way to verify, not {len(found)}"
    return str(found[0])


def verify(files: Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        ["sh", "-c", read_line("release/VERIFY.md")], cwd=files, env={"PATH": "/usr/bin:/bin"}, timeout=60, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


@pytest.fixture
def files(signed: Path, tmp_path: Path) -> Path:
    shutil.copyfile(signed / "publisher.pub", tmp_path / "publisher.pub")
    return Path(shutil.copytree(signed / "files", tmp_path / "files"))


def test_a_release_as_published(files: Path) -> None:
    code, lines = verify(files)
    version = (files / "SHA256SUMS").read_text().splitlines()[0].removeprefix("# codered/release/1 ")
    assert (code, lines[-1]) == (0, f"{SAID_AT_LAST}: version {version}"), lines
    assert lines[0] == "Signature Verified Successfully"
    assert {f"{path.name}: OK" for path in files.iterdir() if not path.name.startswith("SHA256SUMS")} == set(
        lines[1:-1]
    )


def change_byte(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def change_wheel(files: Path) -> None:
    change_byte(next(files.glob("*.whl")))


def change_manifest(files: Path) -> None:
    change_byte(files / "release.json")


def change_list(files: Path) -> None:
    change_byte(files / "SHA256SUMS")


def change_signature(files: Path) -> None:
    change_byte(files / "SHA256SUMS.sig")


def sign_by_another(files: Path) -> None:
    make_key(files.parent / "other")
    (files.parent / "other.pub").replace(files.parent / "publisher.pub")


def take_away(files: Path) -> None:
    next(files.glob("*.whl")).unlink()


def add_file(files: Path) -> None:
    (files / "codered-fixed.pyz").write_bytes(b"#!/bin/sh\n")


def add_hidden_file(files: Path) -> None:
    (files / ".pth").write_bytes(b"")


def add_file_named_like_two(files: Path) -> None:
    (files / f"{next(files.glob('*.whl')).name}\nrelease.json").write_bytes(b"")


def lead_elsewhere(files: Path) -> None:
    wheel = next(files.glob("*.whl"))
    wheel.rename(files.parent / "wheel")
    wheel.symlink_to(files.parent / "wheel")


def add_folder(files: Path) -> None:
    (files / "more").mkdir()


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (change_wheel, "-py3-none-any.whl: FAILED"),
        (change_manifest, "release.json: FAILED"),
        (change_list, "Signature Verification Failure"),
        (change_signature, "Signature Verification Failure"),
        (sign_by_another, "Signature Verification Failure"),
        (take_away, "-py3-none-any.whl: FAILED open or read"),
        (add_file, "codered-fixed.pyz"),
        (add_hidden_file, ".pth"),
        (add_file_named_like_two, "release.json"),
        (lead_elsewhere, "-py3-none-any.whl"),
        (add_folder, "more"),
    ],
)
def test_harm_is_seen_and_named(files: Path, harm: Callable[[Path], None], says: str) -> None:
    harm(files)
    code, lines = verify(files)
    assert code != 0
    assert not any(SAID_AT_LAST in line for line in lines)
    assert any(line.endswith(says) for line in lines), lines


def test_what_the_key_signed_as_something_else_is_no_release(files: Path) -> None:
    """The last command takes the version from the first line of what was signed, and says nothing without it."""
    last = read_line("release/VERIFY.md").split(" &&\n")[-1]
    (files / "SHA256SUMS").write_text("# codered/packs/1 9\n")
    done = subprocess.run(["sh", "-c", last], cwd=files, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


def test_one_file_alone_can_be_verified_as_the_page_says(files: Path) -> None:
    take_away(files)
    line = read_line("release/VERIFY.md")
    assert "--ignore-missing" in (ROOT / "release/VERIFY.md").read_text("utf-8")
    short = line.split(" &&\n")
    words = f"{short[0]} && {short[1]} --ignore-missing"
    done = subprocess.run(["sh", "-c", words], cwd=files, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    change_manifest(files)
    done = subprocess.run(["sh", "-c", words], cwd=files, capture_output=True, timeout=60, check=False)
    assert done.returncode != 0


def test_the_reference_has_the_same_line() -> None:
    assert read_line("docs/reference/release.md") == read_line("release/VERIFY.md")
