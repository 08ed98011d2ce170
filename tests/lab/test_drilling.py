"""A drill in the laboratory: what stands in its paper, what the team is told, what is refused. None is up."""

import argparse
import importlib.util
import json
import os
import sys
from pathlib import Path

import pytest

from codered_hq.drills.laboratory import read_planted
from lab import words
from lab.drilling import words as drill_words
from lab.drilling.paper import NAME, Paper, read_paper
from lab.drilling.staging import find_sick, list_machines
from lab.drilling.words import play_drill, tell_team
from lab.namespaces import CannotBuild
from lab.records import Record
from lab.words import FAILED, main


def place(machine: str, state: str, **more: str) -> dict[str, str]:
    return {"machine": machine, "mac": "00:60:08:00:00:01", "state": state, "subnet": "servers", **more}


TRUTH = {
    "addresses": {
        "10.62.0.13": place("iis-defaced", "infected"),
        "fd61:62::13": place("iis-defaced", "infected"),
        "10.63.0.11": place("plant-hmi", "no_answer", really="infected"),
        "10.61.0.142": place("pc1", "vulnerable"),
        "10.62.0.41": place("linux-web1", "not_web"),
        "10.62.0.44": place("linux-files", "not_web"),
        "10.67.0.141": place("laptop", "not_web"),
        "10.60.0.2": {"machine": "sw1", "state": "not_web", "subnet": "management"},
    },
    "hosts": {"linux-web1": {"infected": True}, "linux-files": {"infected": False}},
    "subnets": {"10.62.0.0/24": {"name": "servers"}},
}


def write_drill(folder: Path) -> Paper:
    """A drill's paper, in a laboratory that was written down and never built."""
    machines = list_machines(TRUTH, find_sick(TRUTH))
    paper = Paper(name="lab-20260301-120000", began="2026-03-01T12:00:00+00:00", size="small", scans="10.67.0.141",
                  capture=f"{folder}/cache/alarm.pcap", machines=machines)  # fmt: skip
    Record(id="abcdef", size="floor", up=True).write(folder)
    paper.write(folder)
    return paper


def test_the_sick_are_those_that_nobody_sees_too() -> None:
    sick = find_sick(TRUTH)
    assert sick == {"iis-defaced", "plant-hmi", "linux-web1", "laptop"}
    told = {one["address"]: (one["infected"], one["vulnerable"]) for one in list_machines(TRUTH, sick)}
    assert told == {
        "10.62.0.13": (True, True), "fd61:62::13": (True, True), "10.63.0.11": (True, True),
        "10.61.0.142": (False, True), "10.62.0.41": (True, False), "10.62.0.44": (False, False),
        "10.67.0.141": (True, False),
    }  # fmt: skip


def test_headquarters_reads_what_the_laboratory_wrote(tmp_path: Path) -> None:
    paper = write_drill(tmp_path)
    assert read_paper(tmp_path) == paper
    planted = read_planted((tmp_path / NAME).read_bytes(), NAME)
    assert (planted.name, planted.began, len(planted.machines)) == (paper.name, paper.since, 7)
    for wrong in (
        "{",
        "[]",
        json.dumps({"format": "codered/lab-drill/1"}),
        (tmp_path / NAME).read_text()[:-3] + ',"x":1}',
    ):
        (tmp_path / NAME).write_text(wrong)
        with pytest.raises(CannotBuild, match="not a drill's record"):
            read_paper(tmp_path)


def test_the_team_is_told_how_to_speak_and_not_who_is_infected(tmp_path: Path) -> None:
    told = tell_team(tmp_path, write_drill(tmp_path))
    assert f"What you know: 10.67.0.141 scans (capture: {tmp_path}/cache/alarm.pcap)." in told
    assert "incident commander Cora, Ivo; executive Edda, Emil; business Bruno, Bea; network Nora, Nils" in told
    assert f"lab/lab run --into {tmp_path} -- codered" in told
    declare = "hq incident declare outbreak --title WHAT --pack codered2 --as Cora --key"
    assert f"{declare} {tmp_path}/people/cora.key" in told
    assert "10.62.0.13" not in told


def test_no_second_drill_and_no_laboratory_that_was_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = ["drill", "start", "--into", str(tmp_path)]
    for what in ("status", "score", "end"):
        assert main(["drill", what, "--into", str(tmp_path)]) == FAILED
        assert "no laboratory there; begin a drill with: lab drill start" in capsys.readouterr().err
    write_drill(tmp_path)
    assert main(start) == FAILED
    assert "a drill goes on there; end it first" in capsys.readouterr().err
    (tmp_path / NAME).unlink()
    assert main([*start, "--size", "large"]) == FAILED
    assert "it is floor, not whole; lab down" in capsys.readouterr().err
    (tmp_path / "headquarters").mkdir()
    (tmp_path / "headquarters" / "headquarters.sqlite3").touch()
    assert main(start) == FAILED
    assert "it has been used; lab down, or another folder" in capsys.readouterr().err
    assert main(["drill", "score", "--into", str(tmp_path)]) == FAILED
    assert "no drill goes on there" in capsys.readouterr().err


def test_what_cannot_begin_is_taken_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    down: list[Path] = []
    monkeypatch.setattr(drill_words, "raise_lab", lambda _folder, size: Record(id="abcdef", size=size))
    monkeypatch.setattr(drill_words, "lower_lab", down.append)
    monkeypatch.setattr(drill_words, "_sound_alarm", lambda _lab, _size: None)
    monkeypatch.setattr(drill_words, "ask_headquarters", lambda _folder, *_words: 2)
    start = argparse.Namespace(what="start", size="small")
    assert play_drill(tmp_path, start) == FAILED
    assert "lab: the drill can't begin: headquarters does not take it" in capsys.readouterr().err

    def interrupt(_lab: object, _size: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(drill_words, "_sound_alarm", interrupt)
    with pytest.raises(KeyboardInterrupt):
        play_drill(tmp_path, start)
    assert down == [tmp_path, tmp_path]


def test_only_its_end_takes_the_laboratory_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_drill(tmp_path)
    asked: list[tuple[str, ...]] = []
    down: list[Path] = []
    answers = [0, 0, 4, 0]

    def ask(_folder: Path, *said: str) -> int:
        asked.append(said)
        return answers.pop(0)

    monkeypatch.setattr(drill_words, "ask_headquarters", ask)
    monkeypatch.setattr(drill_words, "lower_lab", down.append)
    monkeypatch.setenv("CODERED_HQ", "/somewhere/real")
    assert play_drill(tmp_path, argparse.Namespace(what="score", json=True)) == 0
    assert play_drill(tmp_path, argparse.Namespace(what="end", keep=True)) == 0
    assert play_drill(tmp_path, argparse.Namespace(what="end", keep=False)) == 4
    assert down == [], "what could not be kept is not thrown away"
    assert play_drill(tmp_path, argparse.Namespace(what="end", keep=False)) == 0
    assert down == [tmp_path]
    end = ("end", "--real", "/somewhere/real")
    assert asked == [("score", "--real", "/somewhere/real", "--json"), end, end, end]


def test_a_python_without_the_tool_begins_anew_under_the_checkouts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun: list[list[str]] = []

    def become(_program: str, said: list[str]) -> None:
        begun.append(said)
        raise CannotBuild("another process")

    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(os, "execv", become)
    monkeypatch.setattr(sys, "argv", ["lab", "drill", "status"])
    monkeypatch.setenv("CODERED_VENV", str(tmp_path))
    assert main() == FAILED
    assert (
        f"{tmp_path}/bin/python: the tool is not there; scripts/set-up-venv hq puts it there" in capsys.readouterr().err
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    assert main() == FAILED
    assert begun == [[f"{tmp_path}/bin/python", str(words.ROOT / "lab" / "lab"), "drill", "status"]]
