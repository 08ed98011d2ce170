"""The sweep: what is asked of which addresses, within which limits, and what each address answered.

Addresses are text as `ipaddress` writes them (IPv4 or IPv6); ranges are CIDR. States of an address:

no_answer      silent: nothing came back in time, or the last router (on our own link we) found nobody with this address
filtered       something on the way, or a firewall of its own, refused for it (ICMP: prohibited, rejected, no route)
not_web        the host is there, and no web server answers on the ports asked (closed, or another protocol)
web            a web server; no check was asked for, or none fits
vulnerable     a check says that the hole can be reached
infected       a check says that the threat is there
clean          every check was answered, and none of them found anything: clean of these checks, no more
undetermined   a web server whose answers settle nothing (refused, redirected off the list, endless, broken off)
not_asked      nothing was sent, and why: fragile, not authorised, excluded, ended before its turn
"""

from datetime import datetime
from typing import Literal

import msgspec

from codered.model.countermeasures import Probe

SWEEP_JOB_FORMAT = "codered/sweep-job/1"
SWEEP_RESULT_FORMAT = "codered/sweep-result/1"

State = Literal[
    "not_asked", "no_answer", "filtered", "not_web", "web", "clean", "undetermined", "vulnerable", "infected"
]  # fmt: skip
STATES: tuple[State, ...] = (
    "not_asked", "no_answer", "filtered", "not_web", "web", "clean", "undetermined", "vulnerable", "infected"
)  # fmt: skip
"""In rising order of what an address with several ports is called by; the index is what a block's bytes hold."""


class PackProbe(msgspec.Struct, frozen=True, kw_only=True):
    """A probe of one pack."""

    pack: str
    version: str
    probe: Probe


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep may cost the network: new connections a second in all, to one subnet (/24, /64) and to one host;
    connections open at once; seconds to wait for a connection and for a whole answer; bytes read of one answer; tries
    of an address that is silent. 0 connections a second = no limit.
    """

    per_second: float = 2000.0
    per_subnet: float = 200.0
    per_host: float = 5.0
    at_once: int = 2000
    connect_seconds: float = 1.5
    answer_seconds: float = 8.0
    most_bytes: int = 65536
    tries: int = 1


class SweepJob(msgspec.Struct, frozen=True, kw_only=True):
    """One sweep as the prober gets it. `ports` are asked in plain, `tls_ports` by TLS (no certificate is checked: we
    only read); `hosts`: names for the Host field, each asked on every port ("" = the address itself). `skip` are
    ranges that get nothing, `fragile` those that get one connection at a time and only one request for the home page.
    The order of addresses is random by `seed`. `done`: blocks (first address) that an earlier run finished. `contact`
    stands in every request: whom to call.
    """

    format: Literal["codered/sweep-job/1"]
    id: str
    ranges: tuple[str, ...]
    seed: int
    probes: tuple[PackProbe, ...] = ()
    ports: tuple[int, ...] = (80,)
    tls_ports: tuple[int, ...] = ()
    hosts: tuple[str, ...] = ("",)
    skip: tuple[str, ...] = ()
    fragile: tuple[str, ...] = ()
    limits: Limits = Limits()
    done: tuple[str, ...] = ()
    contact: str = ""


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one probe got at one port and name: `says` is the matching answer's word ("" = it was not asked or got no
    answer), `status` the HTTP status (0 = none), `evidence` at most 200 bytes of what decided.
    """

    pack: str
    probe: str
    says: str
    because: str
    host: str = ""
    status: int = 0
    evidence: bytes = b""


class PortResult(msgspec.Struct, frozen=True, kw_only=True):
    """One port of one address. `product` and `version` from the Server field, as told; `title` of the home page."""

    port: int
    state: State
    reason: str
    tls: bool = False
    product: str = ""
    version: str = ""
    title: str = ""
    checks: tuple[CheckResult, ...] = ()


class AddressResult(msgspec.Struct, frozen=True, kw_only=True):
    """One address that answered something: its state is the highest one of its ports."""

    address: str
    state: State
    reason: str
    ports: tuple[PortResult, ...] = ()
    at: datetime


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """256 neighbouring addresses (fewer at the end of a range) from `first` on, one byte each: the index in STATES.
    It is sent when all of them are settled, which is what a broken-off sweep goes on from.
    """

    first: str
    states: bytes


class SweepEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How a sweep ended: counts by state, and why it stopped early ("" = it did not)."""

    counts: dict[str, int]
    requests: int
    seconds: float
    stopped: str = ""


class SweepResult(msgspec.Struct, frozen=True, kw_only=True):
    """A whole sweep as a scan point or a bundle answers it."""

    format: Literal["codered/sweep-result/1"]
    job: str
    job_sha256: str
    started: datetime
    ended: datetime
    addresses: tuple[AddressResult, ...]
    blocks: tuple[Block, ...]
    end: SweepEnd
    where: str = ""
    networks: tuple[str, ...] = ()
