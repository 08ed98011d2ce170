"""The shipped heuristics for processes, on a table of what must be likely, suspicious and nothing."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import yaml

from codered.detect.heuristics import HeuristicJudge
from codered.detect.processes import ProcessJudgement, judge_processes
from codered.model.allow_list import AllowList
from codered.model.paths import FilePath
from codered.model.process import Connection, Executable, ProcessesSeen, ProcessSeen
from tests.fixtures.running import HEURISTICS, make_process, own_by_system, process_rules

TABLE = HEURISTICS.parents[1] / "tests" / "fixtures" / "process_verdicts.yaml"
NOW = datetime.now(UTC)
SUBJECT, OTHERS = 900, 500
_SAME = ("name", "uid", "user", "cgroup", "tty", "environment")


@cache
def read_table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(TABLE.read_text())
    return table


def build(pid: int, parent: int, told: dict[str, Any]) -> ProcessSeen:
    """The process that a line of the table tells of."""
    path = told["exe"]
    changed = NOW - timedelta(days=1 if told.get("new") else 400)
    exe = Executable(path=FilePath(path), changed=changed, deleted="deleted" in told, memfd="memfd" in told)
    tries = [
        Connection(protocol="tcp", local_port=50_000, remote=f"192.0.2.{last}", remote_port=80, state="SYN_SENT")
        for last in range(told.get("tries", 0))
    ]
    listening = [Connection(protocol="tcp", local="0.0.0.0", local_port=8080, state="LISTEN")]
    parts = told.get("command", [path.rpartition("/")[2]])
    fields: dict[str, Any] = {"name": path.rpartition("/")[2][:15]} | {key: told[key] for key in _SAME if key in told}
    return make_process(
        pid, parent=parent, exe=exe,
        command=tuple(part.replace("PADDING", "true;" + " " * 70_000) for part in parts),
        facts=frozenset(told.get("facts", ())), connections=tuple(listening * bool(told.get("listens")) + tries),
        started=NOW - timedelta(hours=5 if told.get("old") else 0), **fields,
    )  # fmt: skip


def own_by_package(path: FilePath) -> str | None:
    return "" if path.text.startswith("/usr/local/") else own_by_system(path)


def judge(told: dict[str, Any]) -> ProcessJudgement:
    """The judgement of the case, with its parents."""
    starters = read_table()["starters"]
    below, beside = told.get("below", []), told.get("beside", [])
    pids = [SUBJECT, *range(OTHERS, OTHERS + len(below)), 1]
    family = [build(SUBJECT, pids[1], told)]
    family += [build(pids[at + 1], pids[at + 2], starters[name]) for at, name in enumerate(below)]
    family += [build(700 + at, 1, starters[name]) for at, name in enumerate(beside)]
    family.append(make_process(2, "kthreadd", kernel=True, started=NOW))
    return judge_processes(
        ProcessesSeen(processes=tuple(family)), process_rules(), AllowList(), own_by_package, frozenset()
    )


@pytest.mark.parametrize("told", read_table()["cases"], ids=lambda told: str(told["must"]) + ":" + str(told["exe"]))
def test_verdict(told: dict[str, Any]) -> None:
    found = [finding for finding in judge(told).findings if finding.subject.pid == SUBJECT]
    verdict = found[0].confidence if found else "nothing"
    assert verdict == told["must"], found
    if "stops" in told:
        assert (found[0].remedy == "stop_process") == told["stops"]


@pytest.mark.parametrize("place", ["exe-in-temp", "exe-hidden-path", "script-in-temp", "script-hidden-path"])
def test_a_packs_name_and_an_odd_place_are_likely(place: str) -> None:
    judge_facts = HeuristicJudge(process_rules()).judge
    found = judge_facts("process", "", frozenset((place, "pack-sign")))
    assert found is not None
    assert (found.confidence, found.remedy) == ("likely", "stop_process")
    alone = judge_facts("process", "", frozenset((place,)))
    assert alone is None or alone.confidence == "suspicious"
    assert judge_facts("process", "", frozenset(("pack-sign",))) is None


def test_starters_are_no_findings_but_those_on_a_connection() -> None:
    for name in read_table()["starters"]:
        findings = judge({"exe": "/usr/bin/true", "below": [name]}).findings
        expected = not name.startswith("socket-") and name not in ("own-sshd", "temp-go")
        assert (findings == ()) == expected, (name, findings)
