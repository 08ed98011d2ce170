from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from codered.model.countermeasures import Removal
from codered.model.finding import Confidence, Finding, Layer, Subject
from codered.model.report import Look, Report
from codered.model.target import TargetInfo
from codered.model.windows import WindowsSystem
from codered.scan.reporting import Ran, make_report
from tests.fixtures.small_packs import make_pack, make_rules

RAN = Ran(
    target=TargetInfo(kind="memory_dump", root="/cases/ram.lime"),
    command=("codered", "scan"),
    scope=("/cases/ram.lime",),
    started=datetime(2026, 11, 22, tzinfo=UTC),
    seconds=1.23456,
)
LOOKED = Look(layer="memory", where="the dump", state="looked", count=1)
FAILED = Look(layer="memory", where="the dump", state="failed", why="cut", count=1)
MADE = make_pack("inert")
PACK = replace(MADE, pack=replace(MADE.pack, removal=Removal(steps=(), rebuild_because="it was open")))


def find(confidence: Confidence = "likely", layer: Layer = "memory", name: str = "a") -> Finding:
    return Finding(
        id=name, pack="inert", indicator=name, layer=layer, subject=Subject(kind="memory", address="0x1000"),
        confidence=confidence, severity="high", because="of the test",
    )  # fmt: skip


def report(*findings: Finding, looks: tuple[Look, ...] = (LOOKED,), interrupted: bool = False) -> Report:
    return make_report(replace(RAN, interrupted=interrupted), make_rules(PACK), findings, looks)


@pytest.mark.parametrize(
    ("looks", "verdict"), [((LOOKED,), "clean"), ((LOOKED, FAILED), "incomplete"), ((), "incomplete")]
)
def test_without_findings_the_looks_decide(looks: tuple[Look, ...], verdict: str) -> None:
    assert report(looks=looks).verdict == verdict


def test_the_report_says_what_ran() -> None:
    made = report(interrupted=True)
    assert (made.target, made.command, made.scope, made.started) == (RAN.target, RAN.command, RAN.scope, RAN.started)
    assert (made.seconds, made.interrupted, made.tool.split()[0]) == (1.235, True, "codered")
    assert [(used.name, used.title) for used in made.packs] == [("inert", "inert")]
    assert report().id != made.id


def test_findings_come_strongest_first() -> None:
    made = report(find("suspicious", name="weak"), find("confirmed", name="strong"))
    assert [finding.indicator for finding in made.findings] == ["strong", "weak"]
    assert made.verdict == "infected"


@pytest.mark.parametrize(
    ("finding", "advised"), [(find(), ["it was open"]), (find("suspicious"), []), (find(layer="logs"), [])]
)
def test_a_rebuild_is_advised_for_what_is_in_the_host(finding: Finding, advised: list[str]) -> None:
    assert [advice.because for advice in report(finding).rebuild] == advised


def test_the_target_says_which_windows_it_is() -> None:
    system = WindowsSystem(platform="windows2000", name="Windows 2000", service_pack=2, iis="5.0", host="TESTHOST")
    report = make_report(replace(RAN, windows=system), make_rules(PACK), (), (LOOKED,))
    assert report.target == replace(RAN.target, windows=system)
    assert make_report(RAN, make_rules(PACK), (), (LOOKED,)).target.windows is None
