"""A small checkout with the shape of ours, and its release: made in a second, so each harm has a copy of its own."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.signing.keys import make_key
from scripts import build_release

ROOT = Path(__file__).resolve().parents[2]
TAKEN = (
    ".gitignore",
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "release/VERIFY.md",
    "src/codered/__init__.py",
    "src/codered_hq/__init__.py",
    "packs/codered/pack.yaml",
)
PIN = f"click==8.1.8 \\\n    --hash=sha256:{'a' * 64}\n"
GIT = ("git", "-c", "user.name=Nora", "-c", "user.email=nora@corp.example", "-c", "commit.gpgsign=false")

Build = Callable[..., int]


def make_checkout(root: Path) -> Path:
    """A git checkout with one commit."""
    for name in TAKEN:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, root / name)
    (root / "requirements").mkdir()
    (root / "requirements/host.txt").write_text(PIN)
    (root / "requirements/hq.txt").write_text(PIN + PIN.replace("click==8.1.8", "django==5.2.1"))
    run_git(root, "init", "-q")
    run_git(root, "add", ".")
    run_git(root, "commit", "-q", "-m", "all")
    return root


def run_git(root: Path, *words: str) -> str:
    when = {"GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z"}
    done = subprocess.run(
        [*GIT, *words], cwd=root, env=os.environ | when, stdout=subprocess.PIPE, text=True, check=True, timeout=60
    )
    return done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return make_checkout(tmp_path / "checkout")


@pytest.fixture(scope="session")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `files`, a release, and the publisher's key: publisher, publisher.pub."""
    top = tmp_path_factory.mktemp("signed")
    make_key(top / "publisher")
    root = make_checkout(top / "checkout")
    words = ["--key", str(top / "publisher"), "--into", str(top / "files"), "--only", "wheel", "--only", "sbom"]
    assert build_release.main(words, root) == 0
    return top
