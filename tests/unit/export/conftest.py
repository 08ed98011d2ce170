"""A report of every verdict, made by hand; the specimens in them are words."""

import hashlib
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from codered.model.finding import Evidence, Finding, Layer, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.paths import FilePath
from codered.model.plan import Action, FileState, LeftAlone, Plan, Source, seal_plan
from codered.model.report import (
    AnswerMeaning,
    Attacker,
    LogSummary,
    Look,
    PackUsed,
    RebuildAdvice,
    Report,
    Stage,
    ThreatSeen,
)
from codered.model.target import TargetInfo, Unsupported
from codered.model.windows import WindowsSystem

_START = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
_PACKS = (
    PackUsed("codered", "2026.01.1", "c0" * 32, "Code Red v1/v2"),
    PackUsed("codered2", "2026.01.1", "c2" * 32, "Code Red II"),
    PackUsed("nimda", "2026.01.1", "aa" * 32, "Nimda"),
)
_VOLUME = TargetInfo(
    kind="offline_root",
    root="/mnt/evidence/web-01",
    host="WEB-01",
    system="windows",
    windows=WindowsSystem(platform="windows2000", name="Windows 2000", service_pack=2, iis="5.0", host="WEB1"),
    unsupported=(Unsupported("processes", "a volume has no running processes"),),
)
_LOG_FILES = TargetInfo(kind="log_files", root="/srv/logs")
_LOOKED = Look(
    layer="files", where="/mnt/evidence/web-01", state="looked", count=17162, bytes=1_234_567_890, seconds=3.14
)
_LOG_LOOK = Look(layer="logs", where="/srv/logs/ex010719.log", state="looked", count=1, bytes=181_234, lines=1210)


def _file(name: str, **changes: object) -> Finding:
    plain = Finding(
        id=f"f-{name}",
        pack="codered2",
        indicator="root-exe",
        layer="files",
        subject=Subject(
            kind="file",
            path=f"/mnt/evidence/web-01/inetpub/scripts/{name}",
            shown=f"C:\\inetpub\\scripts\\{name}",
        ),
        confidence="confirmed",
        severity="critical",
        because="A copy of the machine's own command interpreter in a folder that the web server executes.",
        evidence=(
            Evidence(what="identical to C:\\WINNT\\system32\\cmd.exe", sha256="0123456789abcdef" * 4, size=236304),
        ),
        attack=("T1505.003",),
    )
    return msgspec.structs.replace(plain, **changes)


def _attacker(number: int, hour: int, **changes: object) -> Attacker:
    when = datetime(2001, 7, 19, tzinfo=UTC) + timedelta(hours=hour, minutes=number % 60)
    plain = Attacker(
        address=f"203.0.113.{number}",
        internal=False,
        threats=(ThreatSeen(pack="codered", indicator="ida-n", count=1),),
        count=1,
        first_seen=when,
        last_seen=when,
        answers={"404": 1},
        hours={when.strftime("%Y-%m-%dT%H"): 1},
        sources=("/srv/logs/ex010719.log",),
    )
    return msgspec.structs.replace(plain, **changes)


def _log_finding(attacker: Attacker) -> Finding:
    return Finding(
        id=f"l-{attacker.address}",
        pack=attacker.threats[0].pack,
        indicator=attacker.threats[0].indicator,
        layer="logs",
        subject=Subject(kind="address", address=attacker.address),
        confidence="likely" if attacker.internal else "confirmed",
        severity="high" if attacker.internal else "medium",
        because=f"{attacker.address} sent {attacker.count} requests of the Code Red v1/v2 exploit",
        evidence=(
            Evidence(
                what="request",
                line=17,
                source="/srv/logs/ex010719.log",
                data=b"GET /default.ida?" + b"N" * 224 + b"%u9090%u6858",
            ),
        ),
        count=attacker.count,
        first_seen=attacker.first_seen,
        last_seen=attacker.last_seen,
        answers=attacker.answers,
        internal=attacker.internal,
    )


def _report(**changes: object) -> Report:
    plain = Report(
        id="r-20260304-050607",
        tool="codered 0.1.0",
        command=("codered", "scan"),
        started=_START,
        seconds=3.2,
        target=_VOLUME,
        scope=("files",),
        verdict="clean",
        looks=(_LOOKED,),
        packs=_PACKS,
    )
    return msgspec.structs.replace(plain, **changes)


@pytest.fixture
def infected() -> Report:
    """A volume with Code Red II, one shared sign, a long path, things left out."""
    deep = (
        "/mnt/evidence/web-01/Documents and Settings/Administrator/Local Settings/" + "Temporary Files/" * 3 + "x.eml"
    )
    findings = (
        _file("root.exe"),
        _file("shell.exe", confidence="likely", severity="high", indicator="shell"),
        _file("explorer.exe", evidence=(Evidence(what="marker", offset=4096, data=b"INERT\x00\x1b[2J MARKER"),) * 6),
        _file("n", pack="nimda", subject=Subject(kind="file", path=deep), confidence="suspicious", severity="low"),
        _file("cmd1.exe", pack="unattributed", shared_by=("codered2", "nimda"), confidence="suspicious"),
    )
    looks = (
        _LOOKED,
        Look(layer="files", where="/mnt/evidence/web-01", state="skipped", why="a link out of the root", count=2),
        Look(layer="files", where="/mnt/evidence/web-01", state="failed", why="permission denied", count=1,
             examples=("/mnt/evidence/web-01/secret",)),
    )  # fmt: skip
    rebuild = (RebuildAdvice(pack="codered2", because="The back door let anybody run commands; nobody knows who did."),)
    return _report(verdict="infected", findings=findings, looks=looks, rebuild=rebuild)


@pytest.fixture
def live() -> Report:
    """A live Linux host: a process, its memory, what starts it again, and who may come back; a fast scan."""
    target = TargetInfo(kind="live_linux", root="/", host="web-02", system="linux")
    line = b"* * * * * /tmp/.x/kdevtmpfsi"
    subjects = (
        Subject(kind="process", pid=4711, start=99, key="kdevtmpfsi", path="/tmp/.x/kdevtmpfsi"),
        Subject(kind="memory", pid=4711, start=99, key="kdevtmpfsi", address="0x7f0000001000"),
        Subject(kind="autostart", key="cron", path="/etc/cron.d/x", line=2),
        Subject(kind="account", key="twin", path="/etc/passwd", line=31),
        Subject(kind="key", key="SHA256:INERT", path="/root/.ssh/authorized_keys", line=1),
    )
    layers: tuple[Layer, ...] = ("processes", "memory", "autostart", "accounts", "accounts")
    evidence = (Evidence(what="line 2", line=2, data=line, sha256="ab" * 32, source="line"),)
    findings = tuple(
        _file(f"live{number}", pack=HEURISTICS if number > 1 else "codered2", layer=layer, subject=subject,
              evidence=evidence if subject.kind == "autostart" else (), remedy="remove_line")
        for number, (subject, layer) in enumerate(zip(subjects, layers, strict=True))
    )  # fmt: skip
    order = (
        Stage(what="processes and sockets", seconds=0.4, findings=1),
        Stage(what="memory of processes", seconds=1.2, findings=1),
        Stage(what="files on disk", left_out="asked to be fast"),
    )
    looks = (
        Look(layer="processes", where="processes", state="looked", count=120),
        Look(layer="memory", where="memory of processes", state="looked", count=900, bytes=1_000_000_000),
        Look(layer="autostart", where="autostart and settings", state="looked", count=700),
        Look(layer="accounts", where="accounts and keys", state="looked", count=31),
    )
    return _report(
        verdict="infected", target=target, scope=("/",), findings=findings, looks=looks, order=order, seconds=2.0
    )


@pytest.fixture
def attacked() -> Report:
    """24 requests of Code Red v1/v2 in one log."""
    attackers = tuple(_attacker(number, number % 9 + 8) for number in range(1, 24))
    lucky = _attacker(99, 15, answers={"200": 1})
    attackers = (*attackers, lucky)
    meanings = (
        AnswerMeaning(pack="codered", status="404", count=23, means="the .ida extension is not mapped here"),
        AnswerMeaning(pack="codered", status="200", count=1, means="mapped and patched, or this is not IIS"),
    )
    return _report(
        verdict="attacked",
        target=_LOG_FILES,
        scope=("logs",),
        findings=tuple(map(_log_finding, attackers)),
        looks=(_LOG_LOOK,),
        logs=LogSummary(lines=1210, hits=24, attackers=attackers, meanings=meanings),
    )


@pytest.fixture
def suspicious() -> Report:
    """Logs in which one internal address attacks, and 60 external ones of two threats."""
    inside = _attacker(7, 3, address="10.1.2.3", internal=True, count=312, hours={"2001-07-19T03": 312})
    nimda = (ThreatSeen(pack="unattributed", indicator="root-exe", count=16, shared_by=("codered2", "nimda")),)
    outside = [
        _attacker(number, number % 48, count=16, threats=nimda, hours={f"2001-07-2{number % 4}T{number % 24:02}": 16})
        for number in range(60)
    ]
    long_one = _attacker(1, 1, address="2001:db8:1234:5678:9abc:def0:1234:5678", answers={"404": 2, "200": 1, "502": 9})
    attackers = (*outside, inside, long_one)
    return _report(
        verdict="suspicious",
        target=_LOG_FILES,
        scope=("logs",),
        findings=tuple(map(_log_finding, attackers)),
        looks=(_LOG_LOOK,),
        logs=LogSummary(lines=90_000, hits=1300, unparsed_hits=2, attackers=attackers),
    )


@pytest.fixture
def vulnerable() -> Report:
    """A host without the patch."""
    missing = _file(
        "idq.dll", layer="patches", indicator="ms01-033", subject=Subject(kind="package", key="MS01-033"), evidence=()
    )
    return _report(verdict="vulnerable", findings=(missing,))


@pytest.fixture
def clean() -> Report:
    """Nothing found, nothing missed."""
    logs = msgspec.structs.replace(_LOG_LOOK, count=3)
    return _report(looks=(_LOOKED, logs), scope=("files", "logs"), logs=LogSummary(lines=1210))


@pytest.fixture
def incomplete() -> Report:
    """Nothing found, but twelve files could not be read."""
    gap = Look(layer="files", where="/mnt/evidence/web-01", state="failed", why="input/output error", count=12)
    return _report(verdict="incomplete", looks=(_LOOKED, gap))


@pytest.fixture
def demo_reports(
    infected: Report, attacked: Report, suspicious: Report, vulnerable: Report, clean: Report, incomplete: Report
) -> dict[str, Report]:
    """One of each verdict, by verdict."""
    every = (infected, attacked, suspicious, vulnerable, clean, incomplete)
    return {report.verdict: report for report in every}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def plan() -> Plan:
    """A plan with one action of each kind, one of them for good."""
    root = "/mnt/evidence/web-01/inetpub/scripts/root.exe"
    state = FileState(exists=True, sha256=_hash("root"), size=236304, mode=0o755, uid=1000, gid=1000)
    actions = (
        Action(id="a1", kind="quarantine_file", path=FilePath(root), expects=state, pack="codered2",
               shown="C:\\inetpub\\scripts\\root.exe", because="A copy of cmd.exe where the web server runs it."),
        Action(id="a2", kind="delete_file", path=FilePath("/mnt/evidence/web-01/explorer.exe"), expects=state,
               because="The trojan explorer.", undoable=False),
        Action(id="a3", kind="restore_file", path=FilePath("/mnt/evidence/web-01/idq.dll"),
               expects=FileState(exists=False), because="Removed by hand earlier.",
               source=Source(path=FilePath("/srv/good/idq.dll"), sha256=_hash("good"))),
    )  # fmt: skip
    return seal_plan(
        Plan(
            id="p-1",
            tool="codered 0.1.0",
            created=_START,
            report_id="r-20260304-050607",
            target=_VOLUME,
            packs=("codered2 2026.01.1",),
            actions=actions,
            left_alone=(LeftAlone(what="C:\\notworm", because="A vaccine, not an infection."),),
            advice=("Patch before the machine goes back to the network.",),
        )
    )


Poison = Callable[[Report, Sequence[str]], Report]
GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"
_FREE_TEXT = {
    "id", "tool", "root", "host", "title", "name", "version", "digest", "pack", "indicator", "because", "where", "why",
    "path", "shown", "address", "what", "source", "sha256", "means", "status", "reason", "command", "scope",
    "shared_by", "attack", "examples", "sources", "answers", "hours",
    "key", "remedy", "left_out",
}  # fmt: skip


def _poison(value: Any, texts: Iterator[str], free: bool = False) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return next(texts) if free else value
    if isinstance(value, dict):
        return {
            next(texts) if free else key: _poison(each, texts, free or key in _FREE_TEXT) for key, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_poison(each, texts, free) for each in value]
    return value


@pytest.fixture
def poison() -> Poison:
    """Puts the given texts, in turn, into every field of a report that a hostile machine or a forger could fill."""

    def put(report: Report, texts: Sequence[str]) -> Report:
        return msgspec.convert(_poison(msgspec.to_builtins(report), itertools.cycle(texts)), Report)

    return put


@pytest.fixture
def check_golden() -> Callable[[str, str], None]:
    """Compares with a kept file; CODERED_WRITE_GOLDEN=1 writes it instead, to be looked at and committed."""

    def check(name: str, text: str) -> None:
        file = GOLDEN / name
        if os.environ.get("CODERED_WRITE_GOLDEN"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        assert text == file.read_bytes().decode()

    return check
