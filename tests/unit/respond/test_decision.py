from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from codered.model.finding import Evidence, Finding, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.report import LogSummary, Look, RebuildAdvice, Report
from codered.model.response import DecisionSheet
from codered.model.target import TargetInfo
from codered.respond.decision import Ground, KnownGoodFact, decide

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FIRST = NOW - timedelta(days=3)
LOOKED = Look(layer="integrity", where="packages", state="looked", count=9)
RAN = Finding(
    id="f1", pack="one", indicator="i", layer="processes", confidence="likely", severity="high", because="b",
    subject=Subject(kind="process", pid=7, start=1), first_seen=FIRST,
    evidence=(Evidence(what="runs as www-data, started by process 1"),),
)  # fmt: skip
REPORT = Report(
    id="r", tool="t", command=(), started=NOW, seconds=1.0, scope=(), verdict="infected", findings=(RAN,),
    target=TargetInfo(kind="live_linux", root="/", offers=("files", "autostart", "processes")), looks=(LOOKED,),
    logs=LogSummary(lines=1000),
)  # fmt: skip
BEFORE = KnownGoodFact(what="baseline b1", made=FIRST - timedelta(days=1))


def sheet_for(report: Report, *known: KnownGoodFact) -> DecisionSheet:
    return decide(Ground(reports=(report,), plan=None, known_good=known, now=NOW))


def answers(sheet: DecisionSheet, word: str) -> str:
    (question,) = [each for each in sheet.questions if word in each.asks]
    return question.answer


def test_nothing_found_and_everything_looked_at_is_clean() -> None:
    sheet = sheet_for(replace(REPORT, findings=(), verdict="clean"))
    assert sheet.advice == "clean"
    assert sheet.reasons


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"looks": (LOOKED, Look(layer="files", where="/srv", state="failed", why="denied"))}, "denied"),
        ({"interrupted": True}, "stopped before its end"),
        ({"target": TargetInfo(kind="live_linux", root="/", offers=("files",))}, "only a part"),
    ],
)
def test_what_was_not_looked_at_is_never_clean(change: dict[str, object], word: str) -> None:
    sheet = sheet_for(replace(REPORT, findings=(), verdict="clean", **change))
    assert sheet.advice == "undecided"
    assert any(word in reason for reason in sheet.reasons)


def test_nothing_known_at_all_is_undecided() -> None:
    assert decide(Ground(reports=(), plan=None, known_good=(), now=NOW)).advice == "undecided"


def test_an_infection_is_undecided_until_something_speaks_louder() -> None:
    sheet = sheet_for(REPORT, BEFORE)
    assert sheet.advice == "undecided"
    assert "www-data" in answers(sheet, "root in reach")
    assert "yes: baseline b1" in answers(sheet, "baseline")
    assert "3 days until" in answers(sheet, "how long")


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (replace(RAN, id="a", evidence=(Evidence(what="runs as root, started by process 1"),)), "ran as root"),
        (replace(RAN, id="b", pack="two"), "2 threats"),
        (replace(RAN, id="c", pack=HEURISTICS), "no pack explains"),
        (replace(RAN, id="d", layer="accounts", subject=Subject(kind="key", key="SHA256:x")), "who may log in"),
        (
            replace(RAN, id="e", layer="integrity", indicator="content", pack=HEURISTICS,
                    subject=Subject(kind="file", path="/usr/sbin/sshd")),
            "/usr/sbin/sshd",
        ),
        (
            replace(RAN, id="g", layer="logs", subject=Subject(kind="address", address="192.0.2.7"),
                    answers={"200": 4}, count=4),
            "192.0.2.7",
        ),
    ],
)  # fmt: skip
def test_what_speaks_for_a_rebuild(more: Finding, word: str) -> None:
    sheet = sheet_for(replace(REPORT, findings=(RAN, more)), BEFORE)
    assert sheet.advice == "rebuild"
    assert any(word in reason for reason in sheet.reasons), sheet.reasons


def test_the_packs_own_advice_is_heard() -> None:
    sheet = sheet_for(replace(REPORT, rebuild=(RebuildAdvice(pack="one", because="others came in"),)), BEFORE)
    assert sheet.advice == "rebuild"
    assert any("others came in" in reason for reason in sheet.reasons)


def test_a_baseline_from_after_the_first_sign_proves_nothing() -> None:
    late = KnownGoodFact(what="baseline b2", made=NOW)
    sheet = sheet_for(REPORT, late)
    assert answers(sheet, "baseline").startswith("no: the oldest one is baseline b2")


def test_logs_that_were_not_read_are_said() -> None:
    sheet = sheet_for(replace(REPORT, logs=None), BEFORE)
    assert "no web log was read" in answers(sheet, "be reached")
    assert "no web log was read" in answers(sheet, "What else was done")
    assert "in the 1,000 log lines" in answers(sheet_for(REPORT, BEFORE), "be reached")


def test_the_same_is_told_the_same() -> None:
    assert sheet_for(REPORT, BEFORE) == sheet_for(REPORT, BEFORE)


@pytest.mark.parametrize(("number", "words"), [(1, "1 other thing differs from"), (4, "4 other things differ from")])
def test_one_differs_and_more_differ(number: int, words: str) -> None:
    def differ(name: str) -> Finding:
        subject = Subject(kind="file", path=f"/var/www/{name}")
        return replace(RAN, id=name, layer="integrity", pack=HEURISTICS, indicator="content", subject=subject)

    sheet = sheet_for(replace(REPORT, findings=tuple(differ(str(n)) for n in range(number))))
    assert words in answers(sheet, "packages")
