"""`codered drill lab`: the laboratory of the checkout takes over, or it is said that there is none."""

import os
import sys
from pathlib import Path

import pytest

from codered_hq.cli import laboratory
from codered_hq.cli.laboratory import find_laboratory
from tests.fixtures.saying import Say

ROOT = Path(__file__).resolve().parents[3]


class Replaced(SystemExit):
    """The process would be another one now."""


def test_it_becomes_the_checkouts_laboratory(say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begun: list[tuple[list[str], dict[str, str]]] = []

    def become(_program: str, words: list[str], environment: dict[str, str]) -> None:
        begun.append((words, environment))
        raise Replaced(5)

    monkeypatch.setattr(os, "execve", become)
    monkeypatch.setenv("PYTHONPATH", "/somebody/elses")
    monkeypatch.chdir(tmp_path)
    assert say("drill", "lab", "start", "--size", "large", "--into", "here").code == 5
    assert say("drill", "lab", "score", "--json").code == 5
    assert say("drill", "lab", "end", "--keep").code == 5
    assert say("drill", "lab", "status").code == 5
    head = [sys.executable, str(ROOT / "lab" / "lab"), "drill"]
    assert [words for words, _ in begun] == [
        [*head, "start", "--size", "large", "--into", str(tmp_path / "here")], [*head, "score", "--json"],
        [*head, "end", "--keep"], [*head, "status"],
    ]  # fmt: skip
    environment = begun[0][1]
    assert ("PYTHONPATH" in environment, environment["PYTHONSAFEPATH"]) == (False, "1")


def make_checkout(folder: Path) -> Path:
    """The package's folder in a checkout with a laboratory; its launcher."""
    (folder / "src" / "codered_hq").mkdir(parents=True)
    (folder / "lab").mkdir()
    (folder / "lab" / "lab").write_text("")
    return folder / "lab" / "lab"


def test_without_a_checkout_it_is_one_line(say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(laboratory, "_PACKAGE", tmp_path / "site-packages" / "codered_hq")
    said = say("drill", "lab", "start")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "codered: drill lab: Unsupported: the laboratory is part of the source checkout"
        " — codered drill tabletop needs nothing\n"
    )
    launcher = make_checkout(tmp_path)
    monkeypatch.setattr(laboratory, "_PACKAGE", tmp_path / "src" / "codered_hq")
    assert find_laboratory() == launcher
    launcher.unlink()
    assert say("drill", "lab", "score").err == said.err


def test_a_link_or_a_strangers_is_not_started(say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    launcher = make_checkout(tmp_path)
    monkeypatch.setattr(laboratory, "_PACKAGE", tmp_path / "src" / "codered_hq")
    launcher.unlink()
    launcher.symlink_to("/bin/true")
    assert f"{launcher}: Unsupported: this laboratory is not the source's own" in say("drill", "lab", "start").err
    launcher.unlink()
    launcher.mkdir()
    assert say("drill", "lab", "start").code == 2
    launcher.rmdir()
    launcher.write_text("")
    if os.geteuid() == 0:
        os.chown(launcher, 12345, -1)
        assert "not the source's own" in say("drill", "lab", "start").err
    launcher.parent.rename(tmp_path / "elsewhere")
    (tmp_path / "lab").symlink_to(tmp_path / "elsewhere")
    assert f"{tmp_path / 'lab'}: Unsupported" in say("drill", "lab", "start").err
