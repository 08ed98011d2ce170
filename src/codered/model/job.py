"""What headquarters and a host say to each other: a sealed job goes there, a sealed answer comes back.

Both are values under a signature (Ed25519) for one purpose each. A job is bound to one host, one word, one plan and an
expiry; an answer to the job it answers. Times are aware and in UTC.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

JOB_FORMAT: Final = "codered/job/1"
ANSWER_FORMAT: Final = "codered/answer/1"
RECEIPT_FORMAT: Final = "codered/receipt/1"
JOB_PURPOSE = "codered/job/1"
ANSWER_PURPOSE = "codered/answer/1"
MOST_INLINE = 256 << 10
"""Bytes of a sealed answer that a receipt carries itself; a larger one is fetched in pieces (engines trim output)."""

JobWord = Literal["scan", "plan", "apply", "verify", "rollback", "status", "sweep"]


class ScanWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a host is to be scanned; `paths` empty = the whole host. `watch`: seconds for which it is watched what the
    host reaches for (0 = not), None = as the tool does by itself.
    """

    fast: bool = False
    packs: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    watch: Annotated[int, msgspec.Meta(ge=0, le=3600)] | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that one host is asked to do. `host` is headquarters' name of it; `host_key` the name of the key that
    it must answer with ("" = not known yet); `plan` and `report` are documents as bytes, `plan_digest` binds the first;
    `sweep` is the document of a sweep that a scan point is to make. It is void after `expires`.
    """

    format: Literal["codered/job/1"]
    id: str
    headquarters: str
    host: str
    word: JobWord
    issued: datetime
    expires: datetime
    host_key: str = ""
    incident: str = ""
    scan: ScanWish | None = None
    report: bytes = b""
    plan: bytes = b""
    plan_digest: str = ""
    sweep: bytes = b""


class Sealed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document under a signature: its bytes, the raw public key (32 bytes) and the signature (64 bytes)."""

    body: bytes
    key: bytes
    signature: bytes


class NetworkCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One interface of a host: its name, MAC ("" = none) and addresses with their prefix (`10.0.0.5/24`)."""

    name: str
    mac: str = ""
    addresses: tuple[str, ...] = ()


class HostFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who a host says it is. `admins`: accounts with the rights of root or an administrator; `routes` and `neighbours`
    ("address mac") lead to subnets that nobody documented.
    """

    name: str
    domain_name: str = ""
    machine_id: str = ""
    serial: str = ""
    product: str = ""
    system: str = ""
    kernel: str = ""
    boot_id: str = ""
    clock: datetime | None = None
    cards: tuple[NetworkCard, ...] = ()
    admins: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a host answers to a job. `job_sha256` is that of the sealed job's body: an answer fits no other one.
    `exit_code` and `document` (JSON: a report, plan, outcome, verification, or a sweep's result) are the word's own;
    "refused" and "failed" say why.
    """

    format: Literal["codered/answer/1"]
    job: str
    job_sha256: str
    host: str
    word: JobWord
    started: datetime
    ended: datetime
    state: Literal["done", "refused", "failed", "unsupported"]
    exit_code: int
    facts: HostFacts
    tool: str
    why: str = ""
    document: bytes = b""


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one line that `codered answer` prints: where the sealed answer (JSON) lies on the host and what it must be;
    `inline` is the answer itself if it is small.
    """

    format: Literal["codered/receipt/1"]
    path: str
    size: int
    sha256: str
    inline: bytes = b""


class Trust(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """trust.toml of a host: whose jobs it obeys (`keys`, names of public keys "ed25519:…"; `key_files` hold them), what
    it is called there, and which changing words root may still use on the host itself (none but those in `local`).
    """

    format: Literal["codered/trust/1"]
    host: str
    key_files: tuple[str, ...]
    local: tuple[Literal["apply", "rollback", "contain", "respond", "baseline"], ...] = ()
