"""Names that hosts give themselves by mDNS (UDP 5353) and LLMNR (UDP 5355). Only where it is asked for, and only on our
own link: both are hearsay from the very host, and a question by multicast is heard by everybody there.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.reversename
import msgspec

from codered_hq.model.inventory import HostRecord, Skipped
from codered_hq.resolving.asking import AskLimits, Heard, Question, Unheard, Way, ask_many, draw_number
from codered_hq.resolving.host_names import read_host_name

Protocol = Literal["mdns", "llmnr"]
_LIMITS = AskLimits(per_second=100.0, at_once=500, seconds=1.5, tries=2)
_LINK_HOPS = 255


class _Form(NamedTuple):
    group: str
    port: int
    hops: int


# An mDNS answer says by its hop limit that no router was on its way; of LLMNR's, Windows and others set what they like.
_FORMS: dict[str, _Form] = {"mdns": _Form("224.0.0.251", 5353, 255), "llmnr": _Form("224.0.0.252", 5355, 1)}


class LinkName(msgspec.Struct, frozen=True, kw_only=True):
    """What the host at this address calls itself on its link."""

    address: str
    name: str
    protocol: Protocol


def ask_on_link(
    addresses: Iterable[str],
    protocol: Protocol,
    interface: str = "",
    limits: AskLimits = _LIMITS,
) -> Iterator[LinkName | Skipped]:
    """The name of each IPv4 address. With the address of our `interface` on that link the question goes to the group,
    else to the host alone. The host itself must answer; every address comes back once.
    """
    form = _FORMS[protocol]
    questions = _make_questions(addresses, form, to_group=bool(interface))
    for one in ask_many(questions, limits, Way(interface, form.hops)):
        where = one.question.subject
        if isinstance(one, Unheard):
            yield Skipped(where=where, why=f"{protocol}: {one.why}")
        elif protocol == "mdns" and one.hops not in (0, _LINK_HOPS):
            yield Skipped(where=where, why=f"{protocol}: the answer came over a router (hop limit {one.hops})")
        elif name := _read_name(one):
            yield LinkName(address=where, name=name, protocol=protocol)
        else:
            yield Skipped(where=where, why=f"{protocol}: an answer without a name that a host can have")


def make_record(found: LinkName) -> HostRecord:
    """The record of a source of kind `multicast`."""
    return HostRecord(address=found.address, name=found.name)


def _make_questions(addresses: Iterable[str], form: _Form, *, to_group: bool) -> Iterator[Question]:
    for address in addresses:
        number = draw_number()
        message = dns.message.make_query(dns.reversename.from_address(address), dns.rdatatype.PTR, id=number)
        message.flags = dns.flags.Flag(0)  # nobody is to look further
        place = (form.group if to_group else address, form.port)
        yield Question(address, message.to_wire(), number, place, address if to_group else "")


def _read_name(one: Heard) -> str:
    """The first name in the answer that is of this address, "" without one."""
    try:
        answer = dns.message.from_wire(one.packet, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        return ""
    wanted = dns.reversename.from_address(one.question.subject)
    if answer.rcode() != dns.rcode.NOERROR:
        return ""
    for records in answer.answer:
        if records.name == wanted and records.rdtype == dns.rdatatype.PTR:
            return next((name for record in list(records)[:8] if (name := read_host_name(str(record)))), "")
    return ""
