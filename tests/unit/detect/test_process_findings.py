"""What a finding of a process says."""

from datetime import UTC, datetime

from codered.detect.heuristics import NOTHING_READ, Judgement, Read
from codered.detect.process_findings import (
    collect_evidence,
    make_finding,
    make_hidden_finding,
    make_pack_finding,
)
from codered.detect.process_indicators import ProcessHit
from codered.model.heuristics import Heuristic
from codered.model.indicators import ProcessIndicator
from codered.model.paths import path_from_bytes
from codered.model.process import Connection, Executable, HiddenProcess
from tests.fixtures.running import make_process

RULE = Heuristic(id="marked", of="process", when=("x",), because="It has the mark", weight=60, attack=("T1",))
JUDGEMENT = Judgement((RULE,), 60, "suspicious", "medium", "It has the mark", "stop_process")
STARTED = datetime(2026, 11, 22, tzinfo=UTC)
PROCESS = make_process(
    70,
    "thing",
    parent=60,
    command=("thing", "x" * 1000),
    exe=Executable(path=path_from_bytes(b"/tmp/\xff"), deleted=True),
    started=STARTED,
    user="www-data",
    environment={"LD_PRELOAD": "/tmp/x.so"},
    connections=tuple(Connection(protocol="tcp", local_port=port, state="LISTEN") for port in range(50)),
    deleted_files=("/tmp/gone",),
)


def test_a_finding_of_the_heuristics() -> None:
    read = Read(frozenset(("text:mark",)), {"text:mark": (6, 5)})
    finding = make_finding(PROCESS, JUDGEMENT, read, "a" * 64, note=": process 71 (child)")
    assert (finding.pack, finding.indicator, finding.layer, finding.remedy) == (
        "heuristics", "marked", "processes", "stop_process",
    )  # fmt: skip
    assert finding.because == "It has the mark: process 71 (child)"
    assert (finding.subject.kind, finding.subject.pid, finding.subject.start, finding.subject.key) == (
        "process", 70, 7000, "thing",
    )  # fmt: skip
    assert finding.subject.file_path().to_bytes() == b"/tmp/\xff"
    assert finding.first_seen == STARTED
    assert finding.attack == ("T1",)
    assert (finding.evidence[0].what, finding.evidence[0].data, finding.evidence[0].offset) == (
        "fits mark",
        b"xxxxx",
        6,
    )


def test_the_same_process_has_the_same_id_and_another_start_another() -> None:
    read = Read(frozenset(), {})
    first = make_finding(PROCESS, JUDGEMENT, read, "")
    again = make_finding(PROCESS, JUDGEMENT, read, "a" * 64)
    other = make_finding(make_process(70, "thing", id=type(PROCESS.id)(70, 1)), JUDGEMENT, read, "")
    assert first.id == again.id != other.id


def test_evidence_is_bounded() -> None:
    evidence = collect_evidence(PROCESS, "a" * 64)
    by_source = {item.source: item for item in evidence}
    assert all(len(item.data or b"") <= 256 for item in evidence)
    assert by_source["command"].size == 1006
    assert (by_source["program"].what, by_source["program"].sha256) == ("its program: deleted", "a" * 64)
    assert by_source["environment"].data == b"/tmp/x.so"
    assert by_source["process"].what == "runs as www-data, started by process 60"
    assert sum(item.source == "socket" for item in evidence) == 8
    assert by_source["open file"].data == b"/tmp/gone"


def test_a_finding_of_a_pack() -> None:
    sign = ProcessIndicator(
        id="bot", because="it is the mark", confidence="confirmed", severity="critical", references=(),
        attack=("T9",), shared_by=("other",),
    )  # fmt: skip
    finding = make_pack_finding(ProcessHit("inert", sign, PROCESS, ("is called thing",)), "")
    assert (finding.pack, finding.indicator, finding.confidence, finding.severity) == (
        "inert", "bot", "confirmed", "critical",
    )  # fmt: skip
    assert (finding.shared_by, finding.attack, finding.remedy) == (("other",), ("T9",), "")
    assert finding.evidence[0].what == "is called thing"


def test_a_finding_of_a_bare_pid() -> None:
    hidden = HiddenProcess(pid=70, seen_by=("signals", "control groups"), missing_from=("the listing of /proc",))
    finding = make_hidden_finding(hidden, JUDGEMENT)
    assert (finding.subject.pid, finding.subject.start, finding.remedy) == (70, None, "")
    assert finding.evidence[0].what == "seen by signals and control groups, missing from the listing of /proc"


def test_what_was_read_of_a_padded_command_line_is_shown_without_an_offset() -> None:
    read = Read(frozenset(("text:mark",)), {"text:mark": (6, 4)})
    padded = make_process(70, command=("thing", "   mark"))
    first = make_finding(padded, JUDGEMENT, read, "").evidence[0]
    assert (first.what, first.data, first.offset) == ("fits mark", b"mark", None)
    plain = make_process(70, command=("thing", "mark"))
    assert make_finding(plain, JUDGEMENT, read, "").evidence[0].offset == 6


def test_a_cut_command_line_is_told() -> None:
    long = make_process(70, command=("x",) * 5000)
    told = [item.what for item in make_finding(long, JUDGEMENT, NOTHING_READ, "").evidence]
    assert any("longer than" in what for what in told)
    told = [item.what for item in make_finding(PROCESS, JUDGEMENT, NOTHING_READ, "").evidence]
    assert not any("longer than" in what for what in told)
