"""Traffic: what was seen of who reaches for whom, as events that any source gives alike (a live sensor, a capture, a
flow log), what a detector says of them, and what a report tells. Addresses of events are packed (4 or 16 bytes).
"""

from typing import Literal

import msgspec

from codered.model.finding import Confidence
from codered.model.process import ProcessId

Transport = Literal["tcp", "udp", "icmp", "arp"]
Outcome = Literal["answered", "refused", "unreachable", "silent"]
"""`answered`: the other side took it up; `refused`: a reset; `unreachable`: a router or the own kernel said so;
`silent`: no answer when the first repetition was sent (1 s), or at all.
"""


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """Somebody reaches for an address. `at` is in seconds since the epoch. `actor` says who, to the detector no more
    than a key: the packed source address, or a process (`b"pid 12 345"`); `source` is the packed own address
    (b"" = not known).
    """

    at: float
    actor: bytes
    source: bytes
    destination: bytes
    port: int
    protocol: Transport = "tcp"


class Reply(msgspec.Struct, frozen=True, gc=False):
    """What became of an attempt: the latest one of this actor to this destination, port and protocol."""

    at: float
    actor: bytes
    destination: bytes
    port: int
    outcome: Outcome
    protocol: Transport = "tcp"


class Resolved(msgspec.Struct, frozen=True, gc=False):
    """An answer of a name server gave this address to `client` (its packed address; b"" = this host)."""

    at: float
    client: bytes
    address: bytes


class Sent(msgspec.Struct, frozen=True, gc=False):
    """The first bytes (at most 2 KiB) that somebody sent over a connection, or of a later request, as he sent them.
    Judged by the packs' patterns before the detector sees a `Request` of it. `continued`: more of one given before.
    """

    at: float
    actor: bytes
    source: bytes
    destination: bytes
    port: int
    data: bytes
    protocol: Transport = "tcp"
    continued: bool = False


class Request(msgspec.Struct, frozen=True, gc=False):
    """Something sent that shows a threat: `signs` are "pack/indicator", `convicts` whether only an infected host sends
    it (a `confirmed` traffic sign that no proxy handed on); `data` its first 256 bytes.
    """

    at: float
    actor: bytes
    source: bytes
    destination: bytes
    port: int
    signs: tuple[str, ...]
    convicts: bool
    data: bytes = b""
    protocol: Transport = "tcp"


class Missed(msgspec.Struct, frozen=True, gc=False):
    """A source of events lost some: `count` (0 = not known how many), and why in words."""

    at: float
    why: str
    count: int = 0


SeenTraffic = Attempt | Reply | Resolved | Sent | Missed
"""What a source gives."""

JudgedTraffic = Attempt | Reply | Resolved | Request
"""What the detector takes."""


class Actor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who an actor's key stands for. `address` as text; `process` None = not known ("no process": a raw frame, a
    capture), `why_no_process` then says why. `program` is its executable ("" = not known), `sha256` that file's hash,
    `command` its arguments, `user` a name or number.
    """

    address: str = ""
    process: ProcessId | None = None
    name: str = ""
    program: str = ""
    sha256: str = ""
    command: str = ""
    user: str = ""
    why_no_process: str = ""


Preference = Literal["", "uniform", "near", "sequential", "local"]
"""How destinations are chosen: evenly over the Internet, in the own neighbourhood (Code Red II: 1/2 the same /8, 3/8
the same /16), one after the other, or only in the own /16 or private nets; "" = too few to tell.
"""


class ScanVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the detector says of an actor on one port. `kind` "scan": it reaches for addresses it knows nothing of;
    "request": it sent what only an infected host sends. `confidence` is "confirmed" only where every gate was passed
    (or a payload convicts): only that may contain by itself; a scan held back by a gate is "likely", with the gates in
    `held_back` in words. `attempts` counts first contacts, `failed` of them; `networks` different /24 (IPv6: /48);
    `seconds` from the first of them to the verdict, `attempts_seen` every attempt up to then; `named` how many had a
    resolved name, None = no name server's answers were seen at all. `signs` are "pack/indicator", `packs` the threats
    that choose ports and addresses so; `destination` and `data` belong to a request.
    """

    at: float
    actor: bytes
    source: bytes
    kind: Literal["scan", "request"]
    protocol: Transport
    port: int
    confidence: Confidence
    because: str
    attempts: int = 0
    failed: int = 0
    attempts_seen: int = 0
    networks: int = 0
    seconds: float = 0.0
    named: int | None = None
    preference: Preference = ""
    packs: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    destination: bytes = b""
    data: bytes = b""
