import os
import sys
import tempfile
from pathlib import Path

import pytest

from codered.sources.folders import TooMuch
from codered.sources.programs import ProgramFailed, plain_environment, pour, run_program


def test_answers() -> None:
    answer = run_program([sys.executable, "-c", "import sys; print('out'); sys.exit('odd \\x1b[1m words')"], seconds=20)
    assert (answer.code, answer.out, answer.last_words()) == (1, b"out\n", "odd \\x1b[1m words")
    assert run_program(["true"], seconds=20).last_words() == "it ended with 0"


def test_failures() -> None:
    with pytest.raises(ProgramFailed, match="can't be run"):
        run_program(["/nonexistent/program"], seconds=5)
    with pytest.raises(ProgramFailed, match="longer than 0 s"):
        run_program(["sleep", "20"], seconds=0.01)
    with tempfile.TemporaryFile() as out, pytest.raises(ProgramFailed, match="can't be run"):
        pour(["/nonexistent/program"], None, out, 1)


def test_pouring(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"hello")
    with (tmp_path / "x").open("rb") as given, tempfile.TemporaryFile() as out:
        given.read()
        pour(["cat"], given, out, 5)
        out.seek(0)
        assert out.read() == b"hello"
        with pytest.raises(TooMuch, match="more than 4 bytes"):
            pour(["cat"], given, out, 4)
        with pytest.raises(ProgramFailed, match="could not read it"):
            pour(["false"], given, out, 4)


def test_nothing_of_the_users_environment_but_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "LD_PRELOAD", "/nonexistent")
    monkeypatch.setitem(os.environ, "https_proxy", "http://192.0.2.1")
    environment = plain_environment()
    assert environment["https_proxy"] == "http://192.0.2.1"
    assert "LD_PRELOAD" not in environment
