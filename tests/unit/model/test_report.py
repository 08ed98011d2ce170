from datetime import UTC, datetime

import msgspec
import pytest
from msgspec.structs import replace

from codered.model.finding import Confidence, Finding, Layer, Subject
from codered.model.report import Look, LookState, Report, judge_verdict
from codered.model.target import TargetInfo


def finding(layer: Layer = "files", confidence: Confidence = "likely", internal: bool | None = None) -> Finding:
    return Finding(
        id="1",
        pack="p",
        indicator="i",
        layer=layer,
        subject=Subject(kind="file", path="/a"),
        confidence=confidence,
        severity="high",
        because="b",
        internal=internal,
    )


@pytest.mark.parametrize(
    ("findings", "gaps", "verdict"),
    [
        ((), False, "clean"),
        ((), True, "incomplete"),
        ((finding(),), False, "infected"),
        ((finding(confidence="confirmed"),), True, "infected"),
        ((finding(confidence="suspicious"),), True, "suspicious"),
        ((finding(confidence="suspicious"), finding("memory")), False, "infected"),
        ((finding("logs", "confirmed", internal=False),), False, "attacked"),
        ((finding("logs", "confirmed", internal=False),), True, "attacked"),
        ((finding("logs", "confirmed", internal=True),), False, "suspicious"),
        ((finding("patches", "confirmed"),), False, "vulnerable"),
        ((finding("patches"), finding("logs", internal=False)), False, "vulnerable"),
        ((finding("patches"), finding("logs", internal=True)), False, "suspicious"),
        ((finding("patches"), finding("logs", internal=True), finding()), False, "infected"),
    ],
)
def test_verdicts(findings: tuple[Finding, ...], gaps: bool, verdict: str) -> None:
    assert judge_verdict(findings, gaps) == verdict
    assert judge_verdict(findings[::-1], gaps) == verdict


@pytest.mark.parametrize("layer", ["network", "traffic"])
@pytest.mark.parametrize(("internal", "verdict"), [(True, "infected"), (False, "attacked"), (None, "attacked")])
def test_traffic_speaks_of_whoever_has_the_address(layer: Layer, internal: bool | None, verdict: str) -> None:
    seen = msgspec.structs.replace(finding(layer, "confirmed", internal), subject=Subject(kind="address", address="x"))
    assert judge_verdict((seen,), False) == verdict
    own = msgspec.structs.replace(seen, subject=Subject(kind="process", pid=5))
    assert judge_verdict((own,), False) == "infected"


@pytest.mark.parametrize(
    ("state", "gap"), [("looked", False), ("skipped", False), ("failed", True), ("unsupported", True)]
)
def test_which_looks_are_gaps(state: LookState, gap: bool) -> None:
    look = Look(layer="files", where="/", state=state)
    assert look.is_gap() is gap
    assert replace(REPORT, looks=(look,)).gaps() == ((look,) if gap else ())


def test_a_report_survives_json() -> None:
    report = replace(REPORT, findings=(finding(),), looks=(Look(layer="files", where="/", state="looked"),))
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


@pytest.mark.parametrize("text", ["codered/report/2", "codered/plan/1", ""])
def test_a_report_of_another_format_is_refused(text: str) -> None:
    document = msgspec.json.encode(REPORT).replace(b"codered/report/1", text.encode())
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(document, type=Report)


REPORT = Report(
    id="r",
    tool="codered 0",
    command=("scan",),
    started=datetime(2026, 1, 1, tzinfo=UTC),
    seconds=1.0,
    target=TargetInfo(kind="live_linux", root="/"),
    scope=("/",),
    verdict="clean",
)
