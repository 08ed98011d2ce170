"""What a capture tells: who looks for victims and how, and what is sent to them."""

from collections import Counter
from typing import Any

import msgspec

from codered.authoring.orders import Capture, Choice
from codered.authoring.parts import REFERENCE, Part, make_sign
from codered.authoring.request_patterns import generalise
from codered.authoring.words import tell_personal
from codered.detect.payloads import cut_request_line
from codered.detect.scanning.preference import prefer
from codered.model.traffic import Attempt, Preference, Sent
from codered.packs.checks.patterns import explain_pattern
from codered.packs.example_traffic import SentExample

FEWEST_VICTIMS = 8  # different addresses on one port that make somebody a scanner
MOST_SIGNS = 2
_LEAST_PREFIX = 8
_SHARES = ((8, "same_8"), (16, "same_16"), (24, "same_24"))


class TrafficDraft(msgspec.Struct, frozen=True):
    """Signs, the `scan_behaviour` of pack.yaml (None = nobody scans), and why."""

    parts: tuple[Part, ...]
    behaviour: dict[str, Any] | None
    choices: tuple[Choice, ...]


def draft_traffic(captures: tuple[Capture, ...]) -> TrafficDraft:
    """What the captures together show."""
    attempts = [item for capture in captures for item in capture.attempts]
    scanner = _find_scanner(attempts)
    sent = [item for capture in captures for item in capture.sent if not item.continued]
    behaviour, choices = (None, ()) if scanner is None else _describe(scanner)
    if scanner is not None:
        sent = [item for item in sent if item.source == scanner[0].source and item.port == scanner[0].port] or sent
    if captures and scanner is None:
        choices = (Choice("scan_behaviour", "none", f"nobody reached for {FEWEST_VICTIMS} addresses on one port"),)
    ports = Counter((item.protocol, item.port) for item in sent if item.protocol in ("tcp", "udp"))
    notes = list(choices)
    drafted = (_draft_sent(sent, *key, notes) for key, _ in ports.most_common(MOST_SIGNS))
    return TrafficDraft(tuple(part for part in drafted if part is not None), behaviour, tuple(notes))


def _find_scanner(attempts: list[Attempt]) -> list[Attempt] | None:
    """The attempts of whoever reached for most addresses on one port."""
    groups: dict[tuple[bytes, str, int], dict[bytes, Attempt]] = {}
    for item in attempts:
        if item.protocol in ("tcp", "udp", "icmp"):
            groups.setdefault((item.source, item.protocol, item.port), {}).setdefault(item.destination, item)
    largest = max(groups.values(), key=len, default={})
    return sorted(largest.values(), key=lambda item: item.at) if len(largest) >= FEWEST_VICTIMS else None


def _describe(scanner: list[Attempt]) -> tuple[dict[str, Any], tuple[Choice, ...]]:
    first, last = scanner[0], scanner[-1]
    destinations = [item.destination for item in scanner]
    preference = prefer(destinations, first.source)
    behaviour: dict[str, Any] = {"protocol": first.protocol, "ports": [first.port] if first.port else []}
    behaviour["references"] = [REFERENCE]
    if last.at - first.at >= 1:
        behaviour["per_second"] = round(len(scanner) / (last.at - first.at), 1)
    if addresses := _share(destinations, first.source, preference):
        behaviour["addresses"] = addresses
    why = f"{len(scanner)} addresses in {last.at - first.at:.0f} s; they are chosen: {preference or 'can not be told'}"
    return behaviour, (Choice("scan_behaviour", f"{first.protocol} port {first.port}", why),)


def _share(destinations: list[bytes], source: bytes, preference: Preference) -> list[dict[str, Any]]:
    if preference == "near" and len(source) == 4:
        near = Counter(_nearness(one, source) for one in destinations)
        shares = [{"share": round(near[name] / len(destinations), 3), "within": name} for _, name in _SHARES]
        return [item for item in shares if item["share"]]
    named = {"uniform": "any", "sequential": "sequential", "local": "local_network"}.get(preference)
    return [{"share": 1.0, "within": named}] if named else []


def _nearness(one: bytes, source: bytes) -> str:
    """The smallest network that both lie in."""
    return next((name for bits, name in reversed(_SHARES) if one[: bits // 8] == source[: bits // 8]), "any")


def _draft_sent(sent: list[Sent], protocol: str, port: int, notes: list[Choice]) -> Part | None:
    """A sign for what is sent most often to this port."""
    lines = [cut_request_line(item.data) for item in sent if (item.protocol, item.port) == (protocol, port)]
    starts = Counter(line[:_LEAST_PREFIX] for line in lines if len(line) >= _LEAST_PREFIX)
    if not starts:
        return None
    start, count = starts.most_common(1)[0]
    chosen = [line.decode("latin-1") for line in lines if line.startswith(start)]
    asked = [text.partition(" HTTP/")[0] for text in chosen]
    found = generalise(asked)
    pattern, example = f"^{found.source()}", found.example()
    sign_id = f"sent-{port}"
    if len(pattern) > 1500 or explain_pattern(pattern) or sum(map(len, found.constants())) < _LEAST_PREFIX:
        notes.append(Choice(f"traffic/{sign_id}", "no sign", "what is sent varies too much"))
        return None
    if personal := tell_personal(example):
        notes.append(Choice(f"traffic/{sign_id}", "no sign", f"personal: {personal}"))
        return None
    everyday = example.partition("?")[0].split(" ")[-1] in ("/", "*")
    if everyday:
        notes.append(Choice(f"traffic/{sign_id}", "no sign", f"everybody sends `{example[:60]}`"))
        return None
    sign = make_sign(
        sign_id,
        "This host itself sends what the threat sends to its victims.",
        "suspicious" if count < 3 else "likely",
        "high",
        protocol=protocol,
        ports=[port],
        direction="out",
        pattern=pattern,
    )
    plain = example.isascii() and example.isprintable()
    data = {"text": f"{example}\r\n"} if plain else {"hex": f"{example}\r\n".encode("latin-1").hex()}
    why = f"{count} payloads to port {port} begin so; make it `confirmed` only if nothing but the threat sends it"
    return Part(
        layer="traffic",
        sign=sign,
        sent=(SentExample(port=port, protocol="udp" if protocol == "udp" else "tcp", **data),),
        choices=(Choice(f"traffic/{sign_id}", pattern, why),),
    )
