"""What collecting takes from pytest's inside is for speed alone: without it, collecting goes on as ever."""

import sys
from pathlib import Path

import pytest
from _pytest.assertion import rewrite

from tests.conftest import INNER_PARTS, rewrite_share


class Worker:
    """The settings of this run, as the second of two workers has them for a folder of tests."""

    def __init__(self, real: pytest.Config, folder: Path) -> None:
        self._real, self.args = real, [str(folder)]
        self.workerinput = {"workercount": 2, "workerid": "gw1"}

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


def list_kept(config: pytest.Config, folder: Path) -> list[str]:
    """Which of three files of tests a worker keeps rewritten."""
    files = [folder / f"test_{letter}.py" for letter in "abc"]
    for file in files:
        file.write_text("def test() -> None:\n    assert 1\n")
    rewrite_share(Worker(config, folder))  # type: ignore[arg-type]
    return [file.stem for file in files if (rewrite.get_cache_dir(file) / (file.stem + rewrite.PYC_TAIL)).exists()]


@pytest.fixture(autouse=True)
def _writing(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    if pytestconfig.getoption("assertmode") != "rewrite":
        pytest.skip("assertions are not rewritten in this run")


def test_a_worker_keeps_its_share(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    assert list_kept(pytestconfig, tmp_path) == ["test_b"]


def test_nothing_is_kept_where_python_may_write_no_compiled_files(
    pytestconfig: pytest.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert list_kept(pytestconfig, tmp_path) == []


@pytest.mark.parametrize("gone", sorted({name for name in INNER_PARTS if name.startswith("_")} | {"assertstate_key"}))
def test_a_pytest_without_these_parts_only_takes_longer(
    pytestconfig: pytest.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    monkeypatch.delattr(rewrite, gone)
    assert list_kept(pytestconfig, tmp_path) == []
