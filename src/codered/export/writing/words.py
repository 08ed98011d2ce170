"""How things are said to people: counts, sizes, times, requests, names of threats. All of it unescaped: the caller
escapes for its medium.
"""

import contextlib
import itertools
import math
from collections.abc import Sequence
from datetime import UTC, datetime

from codered.model.finding import UNATTRIBUTED, Evidence, Finding
from codered.model.heuristics import HEURISTICS
from codered.model.patches import ADVISORIES
from codered.model.report import Look, Report, Stage
from codered.model.target import TargetInfo

_COUNTED = {
    "files": ("file", "files"),
    "processes": ("process", "processes"),
    "memory": ("region", "regions"),
    "autostart": ("entry", "entries"),
    "accounts": ("account or key", "accounts and keys"),
    "network": ("socket", "sockets"),
    "traffic": ("packet or record", "packets or records"),
}
OWN_PARTS = ("line", "file")
"""Sources of evidence that are the subject itself: a line of it, all of it."""
_TOLD_BY_WHAT = (*OWN_PARTS, "script", "runs")  # sources that say nothing more than the evidence's own words

INTRUDER = "signs of an intruder"
CHANGED = "what is not as it is known to be good"
_KNOWN_GOOD = "known-good"
_NOT_PACKS = {HEURISTICS: INTRUDER, ADVISORIES: "holes that advisories name", _KNOWN_GOOD: CHANGED}
LEAST_FOR_RATE = 1_000_000
_BIGGEST = 10**15
_SHORTEST_RUN = 8


def group_of(finding: Finding) -> str:
    """Under whose name a finding is told: its pack's, or that of what only differs from known good."""
    return _KNOWN_GOOD if finding.layer == "integrity" and finding.pack == HEURISTICS else finding.pack


def capitalise(text: str) -> str:
    """The same with a capital at its start; the rest as it is."""
    return text[:1].upper() + text[1:]


def count_of(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `17,162 files`; `plural` for nouns that do not just take an s."""
    return f"{format_count(number)} {noun if number == 1 else plural or noun + 's'}"


def format_count(number: int) -> str:
    """Thousands with commas. A number no scan can count to (a forged report) is not written out."""
    return f"{number:,}" if abs(number) < _BIGGEST else "more than 10^15"


def format_bytes(size: float) -> str:
    """Bytes in the decimal unit that fits: "417 B", "1.2 GB"."""
    if not abs(size) < _BIGGEST:
        return "more than 1000 TB"
    for unit in ("B", "kB", "MB", "GB"):
        if abs(size) < 999.5:
            return f"{size:.0f} {unit}" if unit == "B" or abs(size) >= 99.95 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def format_seconds(seconds: float) -> str:
    """Seconds as a person would say them: "0.4 s", "3 min 20 s", "2 h 5 min"."""
    if not 0 <= seconds < _BIGGEST:
        return "unknown time"
    if seconds < 99.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min {int(seconds % 60)} s"
    return f"{minutes // 60:,} h {minutes % 60} min"


def format_rate(size: int, seconds: float) -> str:
    """Bytes per second, or "" when it was too short or too little to say."""
    if size < LEAST_FOR_RATE or not seconds >= 0.001 or size >= _BIGGEST or not math.isfinite(seconds):
        return ""
    return format_bytes(size / seconds) + "/s"


def format_time(moment: datetime | None, *, seconds: bool = True) -> str:
    """UTC, without a zone: "2001-07-19 14:03:11"; "unknown" for none. A time without a zone is UTC already."""
    if moment is None:
        return "unknown"
    with contextlib.suppress(OverflowError):
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
    return moment.replace(tzinfo=None).isoformat(" ", "seconds" if seconds else "minutes")


def join_words(words: Sequence[str], *, most: int = 3, last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 4 others`."""
    if len(words) > most + 1:
        words = [*words[:most], f"{len(words) - most} others"]
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def compress_runs(text: str, most: int = 60) -> str:
    """A request for people: each run of 8 or more of one character as "N×224", cut to `most` characters with …"""
    pieces: list[str] = []
    length = 0
    for character, group in itertools.groupby(text):
        run = sum(1 for _ in group)
        pieces.append(f"{character}×{run}" if run >= _SHORTEST_RUN else character * run)
        length += len(pieces[-1])
        if length > most:
            return "".join(pieces)[: most - 1] + "…"
    return "".join(pieces)


def describe_answers(answers: dict[str, int], most: int = 6) -> str:
    """HTTP statuses, most frequent first: "404 ×23, 200 ×1"."""
    ranked = sorted(answers.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{status} ×{format_count(count)}" for status, count in ranked[:most]]
    return ", ".join([*shown, f"{len(ranked) - most} more"] if len(ranked) > most else shown)


def describe_evidence(evidence: Evidence) -> str:
    """One piece of proof in a line: what, where in the subject, the hash; without the bytes themselves."""
    parts = [compress_runs(evidence.what, 200)]
    if evidence.source and evidence.source not in _TOLD_BY_WHAT:
        parts.append(f"in {evidence.source}")
    if evidence.line is not None and evidence.what != f"line {evidence.line}":
        parts.append(f"line {format_count(evidence.line)}")
    if evidence.offset is not None:
        parts.append(f"at byte {format_count(evidence.offset)}")
    if evidence.size is not None:
        parts.append(f"size {format_count(evidence.size)} bytes")
    if evidence.sha256:
        parts.append(f"sha256 {evidence.sha256[:16]}…")
    return ", ".join(part for part in parts if part)


def quote_bytes(data: bytes | None, most: int = 60) -> str:
    """Found bytes as text, runs compressed; bytes that are no UTF-8 as \\xNN; "" for none."""
    return compress_runs(data[:256].decode(errors="backslashreplace"), most) if data else ""


def describe_look(look: Look) -> str:
    """How much was looked at: "17,162 files, 1.2 GB in 3.1 s (390 MB/s)"; "" when there is nothing to count."""
    parts = []
    if look.layer == "logs":
        parts += [count_of(look.count, "log")] if look.count > 1 else []
        parts += [count_of(look.lines, "line")] if look.lines else []
    elif look.count and counts_things(look):
        noun, plural = _COUNTED.get(look.layer, ("item", "items"))
        parts.append(count_of(look.count, noun, plural))
    if look.bytes:
        parts.append(format_bytes(look.bytes))
    said = ", ".join(parts)
    if said and look.seconds > 0:
        rate = format_rate(look.bytes, look.seconds)
        said += f" in {format_seconds(look.seconds)}" + (f" ({rate})" if rate else "")
    return said


def counts_things(look: Look) -> bool:
    """Whether `count` is a number of things; a gap as a whole ("there is no file in it") names none and counts as 1."""
    return look.state != "failed" or look.count > 1 or bool(look.examples)


def describe_look_state(look: Look) -> str:
    """Why something was not looked at, or not wholly."""
    state = {"looked": "", "skipped": "", "failed": "failed", "unsupported": "not possible"}[look.state]
    return ": ".join(part for part in (state, look.why) if part)


def describe_total(report: Report) -> str:
    """All that was read: files and bytes, the time of the whole scan and the rate; "" when no bytes were read."""
    looked = [look for look in report.looks if look.state == "looked" and look.layer in ("files", "logs")]
    size = sum(look.bytes for look in looked)
    if not size:
        return ""
    files = sum(max(look.count, look.layer == "logs") for look in looked)
    lines = sum(look.lines for look in looked)
    rate = format_rate(size, report.seconds)
    said = [count_of(files, "file"), count_of(lines, "log line") if lines else "", format_bytes(size)]
    return ", ".join(filter(None, said)) + f" in {format_seconds(report.seconds)}" + (f" ({rate})" if rate else "")


def describe_stage(stage: Stage) -> str:
    """One step of the scan: "processes and sockets: 0.4 s, 3 findings"; or why it was left out."""
    if stage.left_out:
        return f"{stage.what}: left out, {stage.left_out}"
    found = f", {count_of(stage.findings, 'finding')}" if stage.findings else ""
    return f"{stage.what}: {format_seconds(stage.seconds)}{found}"


def list_not_offered(report: Report) -> list[str]:
    """What the target can't offer at all and why, unless a gap in the looks says so already."""
    told = {look.why for look in report.gaps()}
    return [f"{each.capability}: {each.reason}" for each in report.target.unsupported if each.reason not in told]


def describe_evidence_hash(report: Report) -> str:
    """The hash of an image that was scanned, which was the same before and after; "" if there is none."""
    return f"sha256 {report.target.evidence}, before and after" if report.target.evidence else ""


def map_titles(report: Report) -> dict[str, str]:
    """Pack name -> what people call the threat."""
    return {pack.name: pack.title or pack.name for pack in report.packs} | _NOT_PACKS


def name_threat(titles: dict[str, str], pack: str, shared_by: Sequence[str] = ()) -> str:
    """The threat as people call it, or which threats share the sign."""
    if pack != UNATTRIBUTED:
        return titles.get(pack, pack)
    sharers = [titles.get(name, name) for name in shared_by]
    return f"shared by {join_words(sharers)}" if sharers else "not attributed"


def name_place(target: TargetInfo) -> str:
    """What was examined, as the reader thinks of it."""
    if target.kind == "live_linux" and target.volumes:
        return f"the volume at {target.root}{target.volumes[0].prefix}"
    if target.kind == "live_linux":
        return "this machine"
    if target.kind == "log_files":
        return "these logs"
    if target.kind == "traffic_files":
        return "this traffic"
    if target.kind == "memory_dump":
        return "this memory dump"
    if target.kind == "disk_image":
        return "this image"
    return "this volume" if target.system == "windows" else "this tree"
