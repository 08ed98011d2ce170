"""A response that went to its end, by hand."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from codered.model.finding import Finding, Subject
from codered.model.paths import FilePath
from codered.model.plan import Action, FileState, LeftAlone, Plan, seal_plan
from codered.model.report import Report
from codered.model.response import (
    Answer,
    Asked,
    DecisionSheet,
    EvidenceKept,
    Question,
    Remnant,
    Response,
    StepDone,
    Verification,
)
from codered.model.target import TargetInfo

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TARGET = TargetInfo(kind="live_linux", root="/", host="web-01", offers=("files", "processes"))
FOUND = Finding(
    id="f1", pack="one", indicator="x", layer="files", confidence="likely", severity="high", because="It is planted.",
    subject=Subject(kind="file", path="/var/www/x.php"),
)  # fmt: skip
REPORT = Report(
    id="r", tool="codered 0", command=(), started=NOW, seconds=1.0, scope=(), verdict="infected", target=TARGET,
    findings=(FOUND,),
)  # fmt: skip
PLAN = seal_plan(
    Plan(
        id="p1", tool="codered 0", created=NOW, report_id="r", target=TARGET, packs=("one 1",),
        actions=(
            Action(
                id="a1", kind="quarantine_file", path=FilePath("/var/www/x.php"), because="It is planted.",
                expects=FileState(exists=True, sha256="0" * 64, size=3, mode=0o644),
            ),
        ),
        left_alone=(LeftAlone(what="/srv/x", because="only suspicious"),),
        advice=("Change the passwords.",),
    )
)  # fmt: skip
SHEET = DecisionSheet(
    advice="undecided",
    reasons=("no web log was read",),
    questions=(Question(asks="Could it be reached?", answer="not known", sources=("logs",), speaks_for="undecided"),),
)

MakeResponse = Callable[[Answer], Response]


@pytest.fixture
def make_response() -> MakeResponse:
    """A response with this answer in the end."""

    def make(answer: Answer) -> Response:
        remnants = (
            () if answer == "clean" else (Remnant(kind=answer, what="/var/www/x.php", because="it is there again"),)
        )
        verification = Verification(
            plan_id="p1", tool="codered 0", checked=NOW, answer=answer, because="the reason", remnants=remnants,
            report=replace(REPORT, findings=(), verdict="clean"),
            reboot=("the old kernel runs",) if answer == "incomplete" else (),
        )  # fmt: skip
        steps = (
            StepDone(name="look", state="done", began=NOW, seconds=1.5, code=1, told=("infected: 1 finding",)),
            StepDone(name="apply", state="done", began=NOW, seconds=0.5, told=("1 change carried out",)),
        )
        return Response(
            id="r1", tool="codered 0", created=NOW, asked=Asked(), steps=steps, report=REPORT, plan=PLAN,
            evidence=EvidenceKept(id="e1", place="/var/lib/e1", head="ab" * 32, items=3, bytes=2048),
            verification=verification, decision=SHEET, finished=True,
        )  # fmt: skip

    return make
