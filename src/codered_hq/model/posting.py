"""What agents post: who a host says it is, and what was found on it. Unknown fields are refused; sizes are bounded."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from codered.model.finding import Evidence, Finding, Subject
from codered.model.paths import FilePath

MOST_REPORTS = 100
MOST_FINDINGS = 1000
"""Findings of one post, all reports together."""
POST_PURPOSE = "codered/ingest/1"

_TEXT = 255
_NAME = r"^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?$"
_MAC = r"^(?:[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5})?$"
_ID = r"^(?:[0-9A-Za-z][0-9A-Za-z ._:-]{0,127})?$"
_ADDRESS = {"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}, {"maxLength": 0}]}

_MOST_COUNTED = 1 << 53

Text = Annotated[str, Meta(max_length=_TEXT)]
Place = Annotated[str, Meta(max_length=4096)]
Word = Annotated[str, Meta(max_length=64)]
Count = Annotated[int, Meta(ge=0, le=_MOST_COUNTED)]


class PostedHost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a host is known by; all but the name may be missing."""

    name: Annotated[str, Meta(max_length=254, pattern=_NAME)]
    address: Annotated[str, Meta(max_length=64, extra_json_schema=_ADDRESS)] = ""
    mac: Annotated[str, Meta(pattern=_MAC)] = ""
    machine_id: Annotated[str, Meta(pattern=_ID)] = ""
    serial: Annotated[str, Meta(pattern=_ID)] = ""
    system: Text = ""
    product: Text = ""


class PostedEvidence(Evidence, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Evidence as in a report; `data` base64."""

    what: Place
    data: Annotated[bytes, Meta(max_length=256)] | None = None
    offset: Count | None = None
    line: Count | None = None
    source: Place | None = None
    sha256: Word | None = None
    size: Count | None = None


class PostedSubject(Subject, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A subject as in a report."""

    path: Place | None = None
    path_raw: Annotated[bytes, Meta(max_length=4096)] | None = None
    shown: Place | None = None
    pid: Count | None = None
    address: Text | None = None
    key: Place | None = None
    start: Count | None = None
    line: Count | None = None
    links: Annotated[tuple[FilePath, ...], Meta(max_length=100)] = ()
    registry: Place | None = None
    value: Place | None = None


class PostedFinding(Finding, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A finding as `codered scan --json` gives it."""

    id: Text
    pack: Annotated[str, Meta(min_length=1, max_length=64)]
    indicator: Annotated[str, Meta(min_length=1, max_length=_TEXT)]
    subject: PostedSubject
    because: Annotated[str, Meta(max_length=4096)]
    evidence: Annotated[tuple[PostedEvidence, ...], Meta(max_length=100)] = ()
    attack: Annotated[tuple[Word, ...], Meta(max_length=100)] = ()
    shared_by: Annotated[tuple[Word, ...], Meta(max_length=100)] = ()
    count: Count = 1
    first_seen: Annotated[datetime, Meta(tz=True)] | None = None
    last_seen: Annotated[datetime, Meta(tz=True)] | None = None
    answers: Annotated[dict[Word, Count], Meta(max_length=100)] = msgspec.field(default_factory=dict)
    remedy: Word = ""


class PostedReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a tool found on one host. `complete`: it looked at everything, and these are all of its findings."""

    host: PostedHost
    tool: Annotated[str, Meta(min_length=1, max_length=64)]
    ended: Annotated[datetime, Meta(tz=True)]
    complete: bool
    findings: Annotated[tuple[PostedFinding, ...], Meta(max_length=MOST_FINDINGS)]


class Post(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of POST ingest/findings: a report for each host."""

    reports: Annotated[tuple[PostedReport, ...], Meta(min_length=1, max_length=MOST_REPORTS)]


def write_signed(agent: str, number: str, time: str, body_sha256: str) -> bytes:
    """What an agent signs (Ed25519, as it stands): five lines, no final newline. All of it as in the headers; the
    digest in hexadecimal.
    """
    return "\n".join((POST_PURPOSE, agent, number, time, body_sha256)).encode()
