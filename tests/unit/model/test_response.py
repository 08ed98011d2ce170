from datetime import UTC, datetime

import msgspec

from codered.model.report import Report
from codered.model.response import Asked, Response, StepDone, Verification
from codered.model.target import TargetInfo

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REPORT = Report(
    id="r", tool="codered 0", command=(), started=NOW, seconds=1.0, scope=(), verdict="clean",
    target=TargetInfo(kind="offline_root", root="/mnt"),
)  # fmt: skip


def test_a_response_survives_its_file() -> None:
    step = StepDone(name="look", state="done", began=NOW, told=("clean",))
    verification = Verification(
        plan_id="p", tool="codered 0", checked=NOW, answer="clean", because="it is gone", report=REPORT
    )
    response = Response(
        id="r1", tool="codered 0", created=NOW, asked=Asked(), steps=(step,), report=REPORT, verification=verification
    )
    raw = msgspec.json.encode(response)
    assert msgspec.json.decode(raw, type=Response) == response
    assert msgspec.json.decode(raw)["format"] == "codered/response/1"
    assert msgspec.json.decode(raw)["verification"]["format"] == "codered/verification/1"


def test_steps_are_found_by_name() -> None:
    step = StepDone(name="look", state="begun", began=NOW)
    response = Response(id="r1", tool="t", created=NOW, asked=Asked(), steps=(step,))
    assert response.step("look") == step
    assert response.step("apply") is None
