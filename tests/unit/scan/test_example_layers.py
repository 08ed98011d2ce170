from datetime import UTC, datetime

import pytest

from codered.model.paths import FilePath
from codered.model.process import Executable, ProcessId, ProcessSeen
from codered.model.ruleset import RuleSet
from codered.model.traffic import Sent
from codered.packs.compiling import compile_packs
from codered.packs.loading import find_packs_folder, load_packs
from codered.scan.example_layers import report_memory, report_processes, report_traffic, report_unsupported

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


def test_payloads_are_judged_sender_by_sender(rules: RuleSet) -> None:
    sender, server = b"\xc0\0\x02\x01", b"\xc6\x33\x64\x01"
    lines = (b"GET / HTTP/1.1", b"POST /vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php HTTP/1.1")
    sent = [Sent(1.0, sender, sender, server, 80, line) for line in lines * 2]
    report = report_traffic("x.traffic.yaml", sent, rules)
    (finding,) = report.findings
    assert (finding.indicator, finding.layer, finding.count) == ("phpunit-sent", "traffic", 2)
    assert (finding.subject.address, finding.evidence[0].data) == ("192.0.2.1", lines[1])
    (look,) = report.looks
    assert (look.layer, look.state, look.count) == ("traffic", "looked", 4)


def test_what_can_not_be_judged_is_said(rules: RuleSet) -> None:
    report = report_unsupported("x.process.yaml", "processes", "not on this system", rules)
    (look,) = report.looks
    assert (look.layer, look.state, look.why) == ("processes", "unsupported", "not on this system")
    assert (report.findings, report.verdict) == ((), "incomplete")
