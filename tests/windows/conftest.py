"""These tests run inside a Windows Python (tests/journeys/test_windows_suite.py starts it under Wine). Each module
asserts that: mypy, which looks at them for Linux, then passes over what only Windows has.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

collect_ignore_glob = [] if sys.platform == "win32" else ["test_*.py"]
MARKER = "CodeRedII" + ":\\inetpub\\scripts\\" + "root.exe" + "\\cmd.exe"
CHILD = "import sys; kept = sys.stdin.readline().strip() * 3; print('ready', flush=True); sys.stdin.readline()"


def codered(*words: str, code: int | None = 0) -> str:
    """What it said on both streams; its exit code is the wanted one (None = any)."""
    answer = subprocess.run(
        [sys.executable, "-m", "codered", *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=100,
        check=False,
    )  # fmt: skip
    said = (answer.stdout + answer.stderr).decode(errors="replace")
    assert code is None or answer.returncode == code, said[-3000:]
    return said


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tool keeps is kept here; compiled rules for all tests."""
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CODERED_CACHE", str(Path(os.environ["TEMP"]) / "codered-test-cache"))


@pytest.fixture
def marked() -> Iterator["subprocess.Popen[str]"]:
    """A process with a worm's marker strings in its memory, and nothing else of a worm: it waits for a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(MARKER + "\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == "ready"
        yield process
    finally:
        process.kill()
        process.communicate(timeout=20)
