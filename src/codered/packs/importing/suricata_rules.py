"""Suricata and Snort rules about HTTP requests as signs of logs and of traffic."""

import re
from pathlib import Path
from typing import Literal

from codered.model.errors import WrongUse
from codered.model.finding import SEVERITIES, Confidence, Severity
from codered.model.indicators import LogIndicator, TrafficIndicator
from codered.packs.importing.imported import (
    MOST_BYTES,
    MOST_RULES,
    Ids,
    Imported,
    Left,
    Sources,
    find_attack,
    lower_to,
    tidy,
)
from codered.packs.importing.patterns import end_in_line, refuse_pattern
from codered.packs.importing.sigma_fields import Inexpressible
from codered.packs.importing.sigma_patterns import LogPattern, make_case_patterns
from codered.packs.importing.suricata_clauses import ClauseReader
from codered.packs.importing.suricata_options import WireRule, read_rule
from codered.packs.strict_yaml import read_bytes, show_path

PORTS = (80, 8080)  # what `any` and variables stand for
_PORT = re.compile(r"\d{1,5}")
_RULE = re.compile(r"\s*(alert|drop|reject|block|pass|log)\s")
_WORDS = ("critical", "major", "minor", "informational")
_PRIORITIES: tuple[Severity, ...] = ("high", "medium", "low")


def import_suricata(files: tuple[Path, ...], most: Confidence) -> Imported:
    """The rules of these files as log signs, and as traffic signs where they are about the request's first line; of at
    most this confidence. Raises WrongUse for more than can be handled.
    """
    made = _Signs(most)
    left = MOST_BYTES
    for file in files:
        data = read_bytes(file, left)
        left -= len(data)
        made.read_text(data.decode(errors="replace"), show_path(file))
    return Imported(
        read=made.count,
        logs=tuple(made.logs),
        traffic=tuple(made.traffic),
        references=made.sources.listed(),
        left=tuple(made.left),
    )


class _Signs:
    def __init__(self, most: Confidence) -> None:
        self.logs: list[LogIndicator] = []
        self.traffic: list[TrafficIndicator] = []
        self.left: list[Left] = []
        self.count = 0
        self.sources = Sources("w")
        self._most = most
        self._ids = Ids()

    def read_text(self, text: str, where: str) -> None:
        """The rules of one file. A rule may go on in the next line behind a backslash."""
        waiting, first = "", 0
        for number, line in enumerate(text.split("\n"), 1):
            first = first if waiting else number
            if line.rstrip().endswith("\\"):
                waiting += line.rstrip()[:-1]
                continue
            whole, waiting = waiting + line.rstrip("\r"), ""
            if whole.strip() and not whole.lstrip().startswith("#"):
                self._read_line(whole, f"{where}:{first}")
        if waiting:
            self.left.append(Left(f"{where}:{first}", "", "ends in the middle of a rule"))

    def _read_line(self, line: str, where: str) -> None:
        self.count += 1
        if self.count > MOST_RULES:
            raise WrongUse(f"more than {MOST_RULES:,} rules", where=where, advice="import the files that you need")
        named = ""
        reader = ClauseReader()
        try:
            rule = read_rule(line)
            named = tidy(rule.first("msg"), 120) or f"sid {rule.first('sid')}"
            if rule.action in ("pass", "log") or rule.all("noalert") or "noalert" in rule.all("flowbits"):
                raise Inexpressible("gives no alert of its own")
            patterns = make_case_patterns(reader.read(rule))
            for pattern in patterns:
                if why := refuse_pattern(pattern.pattern):
                    raise Inexpressible(why)
        except Inexpressible as error:
            self.left.append(Left(where, named, str(error)))
            return
        for pattern in patterns:
            self._add(rule, named, pattern, bool(reader.notes))
        self.left += [Left(where, named, note, "note") for note in dict.fromkeys(reader.notes)]

    def _add(self, rule: WireRule, named: str, pattern: LogPattern, is_wider: bool) -> None:
        own = self._ids.make(named)
        confidence = lower_to("suspicious" if is_wider else "likely", self._most)
        title = f"Rule {named!r}, sid {tidy(rule.first('sid'), 20)} rev {tidy(rule.first('rev'), 20)}"
        references = (self.sources.name(title), *(self.sources.name(text) for text in rule.all("reference")[:3]))
        attack = find_attack(rule.all("metadata"))
        severity = _find_severity(rule)
        self.logs.append(
            LogIndicator(
                id=own, because=named, confidence=confidence, severity=severity, references=references,
                attack=attack, literals=pattern.literals, pattern=pattern.pattern, part=pattern.part,
            )
        )  # fmt: skip
        on_wire = end_in_line(pattern.pattern)
        if pattern.part == "request" and not refuse_pattern(on_wire):
            self.traffic.append(
                TrafficIndicator(
                    id=self._ids.make(f"{own}-traffic"), because=named, confidence=confidence, severity=severity,
                    references=references, attack=attack, protocol="tcp", ports=_find_ports(rule.ports),
                    direction=_find_direction(rule), pattern=on_wire,
                )
            )  # fmt: skip


def _find_ports(text: str) -> tuple[int, ...]:
    """The ports that a header names one by one; the usual ones for anything else."""
    if "!" in text or ":" in text:
        return PORTS
    named = tuple(int(port) for port in _PORT.findall(text) if 0 < int(port) < 65536)
    return named if named and not text.startswith("$") else PORTS


def _find_direction(rule: WireRule) -> Literal["out", "in", "both"]:
    inside = ("$HOME_NET", "$HTTP_SERVERS")
    if rule.target in inside and rule.source not in inside:
        return "in"
    return "out" if rule.source in inside and rule.target not in inside else "both"


def _find_severity(rule: WireRule) -> Severity:
    said = " ".join(rule.all("metadata")).lower()
    for word, severity in zip(_WORDS, SEVERITIES, strict=True):
        if f"signature_severity {word}" in said:
            return severity
    priority = rule.first("priority")
    return _PRIORITIES[min(int(priority), 3) - 1] if priority in ("1", "2", "3", "4") else "medium"
