"""Putting a report together out of what a scan found and looked at."""

import secrets
from datetime import datetime

import msgspec
from msgspec.structs import replace

from codered import __version__
from codered.detect.attribution import attribute
from codered.model.finding import Finding
from codered.model.patches import PatchAnswer
from codered.model.report import (
    LogSummary,
    Look,
    PackUsed,
    RebuildAdvice,
    Report,
    Stage,
    TrafficSummary,
    judge_verdict,
)
from codered.model.ruleset import RuleSet
from codered.model.target import TargetInfo
from codered.model.windows import WindowsSystem


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """How a scan went: what it was asked (`command` as typed, `scope` as paths), when it started (UTC), how long it
    took in seconds of wall time, whether the user ended it, its steps, what it found out about patches and traffic, and
    which Windows it was.
    """

    target: TargetInfo
    command: tuple[str, ...]
    scope: tuple[str, ...]
    started: datetime
    seconds: float
    interrupted: bool = False
    order: tuple[Stage, ...] = ()
    patches: tuple[PatchAnswer, ...] = ()
    traffic: TrafficSummary | None = None
    windows: WindowsSystem | None = None


def make_report(
    ran: Ran, rules: RuleSet, findings: tuple[Finding, ...], looks: tuple[Look, ...], logs: LogSummary | None = None
) -> Report:
    """The report. Findings are attributed and ordered here, so they are to be all of the scan, each once."""
    judged = attribute(findings)
    has_gaps = any(look.is_gap() for look in looks) or not any(look.state == "looked" for look in looks)
    return Report(
        id=secrets.token_hex(6),
        tool=f"codered {__version__}",
        command=ran.command,
        started=ran.started,
        seconds=round(ran.seconds, 3),
        target=replace(ran.target, windows=ran.windows) if ran.windows else ran.target,
        scope=ran.scope,
        verdict=judge_verdict(judged, has_gaps),
        interrupted=ran.interrupted,
        order=ran.order,
        patches=ran.patches,
        findings=judged,
        looks=looks,
        packs=tuple(PackUsed(p.pack.name, p.pack.version, p.digest, p.pack.title) for p in rules.packs),
        logs=logs,
        rebuild=_advise_rebuild(judged, rules),
        traffic=ran.traffic,
    )


def _advise_rebuild(findings: tuple[Finding, ...], rules: RuleSet) -> tuple[RebuildAdvice, ...]:
    infecting = {f.pack for f in findings if f.layer not in ("logs", "patches") and f.confidence != "suspicious"}
    return tuple(
        RebuildAdvice(pack=loaded.pack.name, because=loaded.pack.removal.rebuild_because)
        for loaded in rules.packs
        if loaded.pack.name in infecting and loaded.pack.removal and loaded.pack.removal.rebuild_because
    )
