"""The first lines of the one file, run from an archive as on a host."""

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from codered_hq.shipping import host_main
from tests.architecture.source_tree import ROOT

SOURCE = (ROOT / "src/codered_hq/shipping/host_main.py").read_text()


def test_it_starts_isolated_and_hands_its_code_on(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.pyz", "w") as archive:
        archive.writestr("__main__.py", SOURCE)
        archive.writestr(
            "host_start.py", "import sys\ndef run(words):\n    print(sys.flags.isolated, words[1:])\n    return 4\n"
        )
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted/host_start.py").write_text("raise SystemExit('planted')\n")
    done = subprocess.run(
        [sys.executable, tmp_path / "a.pyz", "scan", "/x"], env={"PYTHONPATH": "planted"}, cwd=tmp_path,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (4, "1 ['scan', '/x']\n", "")


def test_it_starts_where_python_does_not_know_its_own_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.pyz", "w") as archive:
        archive.writestr("__main__.py", SOURCE)
        archive.writestr("host_start.py", "import sys\ndef run(words):\n    print(sys.executable)\n    return 4\n")
    for isolated in ([], ["-I"]):
        done = subprocess.run(
            ["python3", *isolated, tmp_path / "a.pyz"], executable=sys.executable, env={"PATH": ""},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (4, "")
        assert Path(done.stdout.strip()).samefile(sys.executable)


def test_python_2_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    nodes = list(ast.walk(ast.parse(SOURCE)))
    assert SOURCE.isascii()  # without a word on its coding Python 2 reads nothing else
    assert not any(isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.NamedExpr | ast.Match) for node in nodes)
    assert not any(node.annotation for node in nodes if isinstance(node, ast.arg))
    assert not any(node.returns for node in nodes if isinstance(node, ast.FunctionDef))
    monkeypatch.setattr(sys, "version_info", (2, 7, 18, "final", 0))
    assert host_main.main() == 3
    assert (
        capsys.readouterr().err == "codered: Unsupported: can't run on Python 2.7: start this file with Python 3.11\n"
    )
