from datetime import UTC, datetime

import pytest

from codered.model.paths import FilePath
from codered.model.process import Executable, ProcessId, ProcessSeen
from codered.model.ruleset import RuleSet
from codered.packs.compiling import compile_packs
from codered.packs.loading import find_packs_folder, load_packs
from codered.scan.example_layers import report_memory, report_processes, report_unsupported

NAMES = (b"main.redisBrute", b"main.backconnect", b"main.runTask")


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return compile_packs(load_packs(find_packs_folder(), ("kinsing",)), None)


def make_process(name: str, path: str) -> ProcessSeen:
    exe = Executable(path=FilePath(path))
    return ProcessSeen(id=ProcessId(1000, 7), parent=1, name=name, exe=exe, started=datetime(2026, 1, 1, tzinfo=UTC))


def test_memory_is_judged_region_by_region(rules: RuleSet) -> None:
    whole = b"\0".join((b"inert", *NAMES, b""))
    report = report_memory("x.memory.yaml", "worker", [(0x1000, b"clean"), (0x5000, whole)], rules)
    (finding,) = report.findings
    assert (finding.pack, finding.indicator, finding.layer) == ("kinsing", "in-memory", "memory")
    assert (finding.subject.kind, finding.subject.key) == ("memory", "worker")
    assert finding.subject.address == hex(0x5000 + whole.index(NAMES[0]))
    assert [(look.where, look.state) for look in report.looks] == [("0x1000", "looked"), ("0x5000", "looked")]
    apart = [(0x1000 * number, name + b"\0") for number, name in enumerate(NAMES, 1)]
    assert report_memory("x.memory.yaml", "worker", apart, rules).findings == ()


def test_processes_are_judged_by_the_packs(rules: RuleSet) -> None:
    listed = (make_process("miner", "/tmp/kdevtmpfsi"), make_process("kdevtmpfs", "/usr/bin/true"))
    report = report_processes("x.process.yaml", listed, rules)
    (finding,) = report.findings
    assert (finding.indicator, finding.layer, finding.subject.path) == ("miner-process", "processes", "/tmp/kdevtmpfsi")
    assert report.verdict == "infected"


def test_what_can_not_be_judged_is_said(rules: RuleSet) -> None:
    report = report_unsupported("x.process.yaml", "processes", "not on this system", rules)
    (look,) = report.looks
    assert (look.layer, look.state, look.why) == ("processes", "unsupported", "not on this system")
    assert (report.findings, report.verdict) == ((), "incomplete")
