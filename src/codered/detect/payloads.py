"""What somebody sent, judged by the packs: which threats it shows, and whether only an infected host sends it.

Only a `confirmed` traffic sign convicts. A `likely` one does not, however bad it looks: an authorised vulnerability
scanner asks for root.exe and cmd.exe as Nimda does, and what convicts may cut a host off without asking anybody. The
request is told all the same, and the scan it is a part of convicts by itself. Two more hold back, for a reverse proxy
or a load balancer hands on what strangers send: a request that says it was handed on, and a sender that has asked the
same server for ordinary things before.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import msgspec

from codered.detect.log_labels import Labeller
from codered.engine import GaveUp, Matcher
from codered.model.indicators import TrafficIndicator
from codered.model.observation import LogHit
from codered.model.ruleset import RuleSet, rule_of_payload
from codered.model.traffic import Request, Sent, Transport

SECONDS_PER_PAYLOAD = 5  # of engine time; 2 KiB take some microseconds
MOST_BYTES = 2048  # of a payload that are looked at
MOST_REMEMBERED = 20_000
MOST_PEERS = 50_000
KEPT_BYTES = 256
_ENCRYPTED = frozenset((443, 8443))
ORDINARY_FIRST = 3  # ordinary requests to one server after which a sender may be a proxy in front of it
_METHOD = re.compile(rb"[A-Za-z]{2,20} ")
_ABSOLUTE = re.compile(rb"([A-Za-z]{2,20} )https?://[^/ ]{1,255}(?=/)", re.IGNORECASE)
_HANDED_ON = re.compile(rb"\n(?:via|forwarded|x-forwarded-for|x-real-ip)[ \t]{0,8}:", re.IGNORECASE)
_AGENT = re.compile(rb"\nuser-agent:[ \t]{0,8}([^\r\n]{1,1024})", re.IGNORECASE)

_Key = tuple[Transport, int, bytes]


class _Sign(msgspec.Struct, frozen=True):
    name: str
    indicator: TrafficIndicator

    def fits(self, sent: Sent) -> bool:
        """Whether it is about this protocol and port."""
        item = self.indicator
        return item.protocol == sent.protocol and (not item.ports or sent.port in item.ports)

    def convicts(self) -> bool:
        """Whether who sends it is infected. What a host receives says nothing about the host that sends the same."""
        return self.indicator.confidence == "confirmed" and self.indicator.direction != "in"


class PayloadJudge:
    """The traffic patterns of all packs, and their log patterns where these say nothing. `gave_up` counts payloads that
    the engine did not finish with, `handed_on` those that would convict if a proxy could not have sent them.
    """

    def __init__(self, rules: RuleSet) -> None:
        self._matcher = Matcher(rules.payload, seconds=SECONDS_PER_PAYLOAD, most=100) if rules.payload else None
        self._by_line: dict[tuple[str, str], _Sign] = {}
        self._by_data: dict[tuple[str, str], _Sign] = {}
        for loaded in rules.packs:
            for item in loaded.pack.traffic:
                known = self._by_line if item.pattern else self._by_data
                known[loaded.pack.name, rule_of_payload(item.id)] = _Sign(f"{loaded.pack.name}/{item.id}", item)
        self._labeller = Labeller(rules) if rules.label else None
        self._first = (
            Matcher(rules.locate, seconds=SECONDS_PER_PAYLOAD, most=1, first_only=True) if rules.label else None
        )
        self._attacks = frozenset(_list_attacks(rules))
        self._lines: dict[bytes, tuple[_Sign, ...]] = {}
        self._asked: dict[tuple[bytes, bytes, int], int] = {}
        self._failed = 0
        self.handed_on = 0

    @property
    def gave_up(self) -> int:
        """How many payloads the engine did not finish with."""
        return self._failed + (self._labeller.gave_up if self._labeller else 0)

    def judge(self, sent: Sent) -> Request | None:
        """What the payload shows, None for nothing."""
        data = sent.data[:MOST_BYTES]
        line = cut_request_line(data)
        found = [sign for sign in (*self._judge_line(line), *self._judge_data(data)) if sign.fits(sent)]
        names = {sign.name for sign in found} or set(self._label(line, data))
        if not names:
            if not sent.continued:  # else one request in four pieces would be three ordinary ones before the last
                self._remember_peer(sent)
            return None
        convicts = any(sign.convicts() for sign in found)
        if convicts and self._may_be_handed_on(sent, data):
            self.handed_on += 1
            convicts = False
        signs = tuple(sorted(names))
        return Request(
            at=sent.at,
            actor=sent.actor,
            source=sent.source,
            destination=sent.destination,
            port=sent.port,
            signs=signs,
            convicts=convicts,
            data=data[:KEPT_BYTES],
            protocol=sent.protocol,
        )

    def _judge_line(self, line: bytes) -> tuple[_Sign, ...]:
        """The signs of a first line, remembered: a worm sends the same one to everybody."""
        if not self._by_line or not line:
            return ()
        known = self._lines.get(line)
        if known is None:
            known = tuple(
                dict.fromkeys(sign for form in _list_forms(line) for sign in self._match(form, self._by_line))
            )
            if len(self._lines) >= MOST_REMEMBERED:
                self._lines.clear()
            self._lines[line] = known
        return known

    def _judge_data(self, data: bytes) -> tuple[_Sign, ...]:
        return self._match(data, self._by_data) if self._by_data else ()

    def _match(self, data: bytes, wanted: dict[tuple[str, str], _Sign]) -> tuple[_Sign, ...]:
        if self._matcher is None:
            return ()
        try:
            matches = self._matcher.match(data)
        except GaveUp:
            self._failed += 1
            return ()
        return tuple(wanted[key] for found in matches if (key := (found.namespace, found.rule)) in wanted)

    def _label(self, line: bytes, data: bytes) -> tuple[str, ...]:
        """The log signs of a request that attack somebody, for what no traffic pattern knows."""
        if self._labeller is None or not _METHOD.match(line) or not self._may_hold_sign(data):
            return ()
        asked = _ABSOLUTE.sub(rb"\1", line, count=1)
        asked = asked.rpartition(b" HTTP/")[0] or asked
        agent = _AGENT.search(data)
        hit = LogHit(
            address="",
            time=None,
            request=asked.decode("latin-1"),
            status="",
            agent=agent[1].decode("latin-1") if agent else "",
        )
        return tuple(name for name in self._labeller.label(hit) if name in self._attacks)

    def _may_hold_sign(self, data: bytes) -> bool:
        """Whether the payload holds a literal of the log patterns, as a line of a log must too."""
        try:
            return self._first is not None and self._first.hits(data)
        except GaveUp:
            self._failed += 1
            return False

    def _remember_peer(self, sent: Sent) -> None:
        key = (sent.actor, sent.destination, sent.port)
        count = self._asked.pop(key, 0)
        if len(self._asked) >= MOST_PEERS:
            del self._asked[next(iter(self._asked))]  # the one that was not asked for the longest time
        self._asked[key] = min(count + 1, ORDINARY_FIRST)

    def _may_be_handed_on(self, sent: Sent, data: bytes) -> bool:
        before = self._asked.get((sent.actor, sent.destination, sent.port), 0)
        return before >= ORDINARY_FIRST or _HANDED_ON.search(data) is not None


def cut_request_line(data: bytes) -> bytes:
    """The first line of a payload as patterns expect it: without empty lines before it and without its end."""
    start = 0
    while data[start : start + 1] in (b"\r", b"\n"):
        start += 1
    return data[start:].split(b"\n", 1)[0].split(b"\r", 1)[0]


def ports_of(rules: RuleSet) -> frozenset[int]:
    """The ports on which the packs know what to look for: sensors read the first bytes of connections to them. Those
    that are encrypted are none: there is nothing to be read, and it is half of all traffic.
    """
    ports: set[int] = set()
    for loaded in rules.packs:
        ports.update(port for sign in loaded.pack.traffic for port in sign.ports)
        if loaded.pack.scan_behaviour is not None and loaded.pack.logs:
            ports.update(loaded.pack.scan_behaviour.ports)
    return frozenset(ports) - _ENCRYPTED


def _list_attacks(rules: RuleSet) -> Iterator[str]:
    """The log signs that somebody sends who attacks: not what a visitor or a harmless scanner asks for."""
    for loaded in rules.packs:
        for item in loaded.pack.logs:
            if item.vector != "probe":
                yield f"{loaded.pack.name}/{item.id}"


def _list_forms(line: bytes) -> Iterator[bytes]:
    """The line as sent, without the server's name in it (as one asks a proxy), and decoded once."""
    yield line
    short = _ABSOLUTE.sub(rb"\1", line, count=1)
    if short != line:
        yield short
    decoded = unquote_to_bytes(short) if b"%" in short else short
    if decoded != short:
        yield decoded
