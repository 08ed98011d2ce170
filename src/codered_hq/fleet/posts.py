"""What agents post -> the database, as a scan of the fleet would be: report, findings, who the host is, its case.

An agent speaks for the host that has its key, and for no other; a collector for many, and what it does not see proves
nothing: only a host's own complete report closes findings, and only while every name of that host is the one under
which a person entered the key: what an agent says under another name is kept, and clears nothing. Where a host looked
infected from outside is settled by no post: its address is what it says itself.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec
import zstandard
from django.db import transaction

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered.model.job import HostFacts, NetworkCard
from codered.model.report import Report, judge_verdict
from codered.model.target import TargetInfo
from codered.signing.keys import name_key
from codered_hq.accounts.models import AgentKey
from codered_hq.accounts.numbers import find_newest, take_number
from codered_hq.fleet.cases import Event, advance
from codered_hq.fleet.facts import take_facts
from codered_hq.fleet.ingesting import read_time, store_findings
from codered_hq.fleet.models import StoredFinding, StoredReport
from codered_hq.hosts.models import TEXT, Host, Identifier
from codered_hq.hosts.recording import record_hosts
from codered_hq.hosts.suspicion import is_suspected
from codered_hq.hosts.telling import is_known_as
from codered_hq.model.inventory import HostRecord, Source
from codered_hq.model.posting import MOST_FINDINGS, Post, PostedHost

_EVENTS: dict[str, Event] = {"infected": "infected", "suspicious": "suspect"}
SAME = timedelta(minutes=10)
_MOST_TOLD = 10_000
_told: dict[str, tuple[PostedHost, datetime]] = {}
"""What agents last said of their hosts, by key, and until when that need not be taken anew: a third of the work."""
_LEVEL = 3
_LOCAL = ("localhost", "localhost.localdomain")


class Sender(NamedTuple):
    """Who posts: an agent with the number of its post, or (agent None) a program with a token, by name."""

    name: str
    agent: AgentKey | None = None
    number: int = 0


class Posted(NamedTuple):
    """A post that is proved and read, the SHA-256 of its body (hexadecimal), and when it came in (aware)."""

    sender: Sender
    post: Post
    sha256: str
    at: datetime


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a post. `new`: findings that their hosts did not have; `hosts` by number, in the post's order."""

    state: Literal["taken", "taken already"]
    findings: int
    new: int
    hosts: tuple[int, ...]


def take_posts(posts: Sequence[Posted]) -> list[Taken | CodeRedError]:
    """Take several posts in one transaction, each whole or not at all; for each what became of it, or why not."""
    with transaction.atomic():
        return [_try(each) for each in posts]


def _try(posted: Posted) -> Taken | CodeRedError:
    try:
        with transaction.atomic():
            return _take(posted)
    except CodeRedError as error:
        return error


def _take(posted: Posted) -> Taken:
    sender, reports = posted.sender, posted.post.reports
    if (known := _find_known(posted)) is not None:
        return known
    count = sum(len(each.findings) for each in reports)
    if count > MOST_FINDINGS:
        advice = f"post at most {MOST_FINDINGS} at once, `complete` false in each"
        raise WrongUse(f"too many findings: {count}", where=sender.name, advice=advice)
    if sender.agent is not None and not sender.agent.collector and len(reports) > 1:
        raise Refused("an agent speaks for its own host alone", where=sender.name, advice="enter it as a collector")
    if sender.agent is not None and not take_number(sender.agent, sender.number, posted.at):
        raise find_refusal(sender.agent, sender.number)
    hosts = _find_hosts(posted)
    new = sum(_store(posted, place, host) for place, host in enumerate(hosts))
    return Taken(state="taken", findings=count, new=new, hosts=tuple(host.pk for host in hosts))


class NumberTaken(CodeRedError):
    """A number at or below the last one that was taken: an old post, or one that was recorded and sent again."""


def find_refusal(agent: AgentKey, number: int) -> CodeRedError:
    """Why a number can't be taken."""
    newest = find_newest(agent)
    if newest < number:
        return Refused("its key was revoked", where=agent.name)
    advice = "count on from there; a post that was acknowledged need not be sent again"
    return NumberTaken(f"number {number} is not above {newest}, the last one taken", where=agent.name, advice=advice)


def _is_entered(agent: AgentKey | None, host: Host) -> bool:
    """Whether a person entered this key for this host: then its word may close what was found there."""
    return agent is not None and not agent.collector and is_known_as(host, agent.name)


def _name(posted: Posted, place: int) -> str:
    """The same for the same post of the same sender."""
    sender = posted.sender
    kind = f"agent {sender.number}" if sender.agent is not None else "token"
    return hashlib.sha256("\0".join((kind, sender.name, posted.sha256, str(place))).encode()).hexdigest()


def _find_known(posted: Posted) -> Taken | None:
    names = [_name(posted, place) for place in range(len(posted.post.reports))]
    rows = dict(StoredReport.objects.filter(uid__in=names[:1]).values_list("uid", "host_id"))
    if not rows:
        return None
    rows = dict(StoredReport.objects.filter(uid__in=names).values_list("uid", "host_id"))
    count = sum(len(each.findings) for each in posted.post.reports)
    hosts = tuple(rows[name] for name in names if name in rows)
    return Taken(state="taken already", findings=count, new=0, hosts=hosts)


def _find_hosts(posted: Posted) -> list[Host]:
    """Whose reports they are, in their order: an agent's own host is the one with its key, whatever it says of itself;
    others are found together, by what is said of them.
    """
    agent, told = posted.sender.agent, [report.host for report in posted.post.reports]
    for each in told:
        _check_address(each.address)
    if agent is not None and not agent.collector:
        return [_find_own(agent, each, posted.at) for each in told]
    records = [_describe(each, posted.at) for each in told]
    return list(record_hosts(records, Source(kind="scan", name=f"agent {posted.sender.name}"[:64]), posted.at))


def _describe(told: PostedHost, at: datetime) -> HostRecord:
    name = "" if told.name.lower() in _LOCAL else told.name.lower()
    if not (name or told.address or told.mac or told.machine_id or told.serial):
        raise WrongUse("names no host", where=told.name, advice="give a name, an address or a serial number")
    return HostRecord(
        name=name, address=told.address, mac=told.mac.lower(), machine_id=told.machine_id.lower(), serial=told.serial,
        system=told.system, product=told.product, seen_at=at,
    )  # fmt: skip


def _find_own(agent: AgentKey, told: PostedHost, at: datetime) -> Host:
    """The host of an agent, by its key; what it says of itself is not taken anew for a while if it is the same."""
    key = name_key(bytes.fromhex(agent.public_key))
    known = Identifier.objects.filter(kind="agent_key", value=key).select_related("host").first()
    said, until = _told.get(key, (None, at))
    if known is not None and said == told and at < until:
        return known.host
    cards = (NetworkCard(name="", mac=told.mac, addresses=(told.address,) if told.address else ()),)
    facts = HostFacts(
        name=told.name, machine_id=told.machine_id, serial=told.serial, system=told.system, product=told.product,
        cards=cards,
    )  # fmt: skip
    take_facts(facts, key, at, entered_as=agent.name)
    transaction.on_commit(lambda: _remember(key, told, at + SAME))
    return Identifier.objects.select_related("host").get(kind="agent_key", value=key).host


def _remember(key: str, told: PostedHost, until: datetime) -> None:
    if len(_told) >= _MOST_TOLD:
        _told.clear()
    _told[key] = told, until


def _check_address(text: str) -> None:
    try:
        if text:
            ipaddress.ip_address(text)
    except ValueError:
        raise WrongUse("is no address", where=ascii(text)[1:-1], advice="write 10.1.2.3 or 2001:db8::1") from None


def _store(posted: Posted, place: int, host: Host) -> int:
    report, sender = posted.post.reports[place], posted.sender
    whole = report.complete and _is_entered(sender.agent, host)
    verdict = judge_verdict(report.findings, not report.complete)
    uid = _name(posted, place)
    document = Report(
        id=uid[:32], tool=report.tool, command=(), started=report.ended, seconds=0.0, scope=(), verdict=verdict,
        target=TargetInfo(kind="live_linux", root="/", host=report.host.name), findings=report.findings,
    )  # fmt: skip
    key = sender.agent.public_key if sender.agent else ""
    stored = StoredReport.objects.create(
        uid=uid, host=host, word="scan" if whole else "post", verdict=verdict, gaps=int(not report.complete),
        partial=not whole, key=name_key(bytes.fromhex(key)) if key else f"token {sender.name}"[:64],
        taken_at=read_time(report.ended, posted.at), received_at=posted.at,
        document=zstandard.ZstdCompressor(_LEVEL).compress(msgspec.json.encode(document)),
    )  # fmt: skip
    new = store_findings(host, report.findings, stored, posted.at)
    if whole:
        StoredFinding.objects.filter(host=host, gone_at=None).exclude(report=stored).update(gone_at=posted.at)
    event: Event | None = _EVENTS.get(verdict) or ("clean" if verdict == "clean" and whole else None)
    if event == "infected" == host.state and not host.cases.exclude(made_anew=None).exists():
        return new  # nothing is moved on
    if event and (event != "clean" or not is_suspected(host)):
        advance(host, event, posted.at, f"agent {sender.name}"[:TEXT])
    return new
