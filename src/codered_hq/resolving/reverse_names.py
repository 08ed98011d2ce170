"""Names by reverse DNS from our own servers, believed only as far as the name leads back to the address."""

import ipaddress
from collections.abc import Iterable, Iterator

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.reversename
import msgspec

from codered_hq.model.inventory import HostRecord, Skipped
from codered_hq.resolving.asking import AskLimits, Heard, Place, Question, Unheard, ask_many, draw_number
from codered_hq.resolving.host_names import read_host_name

MOST_NAMES = 8
_TCP_SECONDS = 3.0
_DNS_LIMITS = AskLimits(per_second=1000.0, at_once=5000, seconds=2.0, tries=2)


class ReverseNames(msgspec.Struct, frozen=True, kw_only=True):
    """The names of an address. `confirmed`: those that lead back to it; `doubted`: the others, each with the reason."""

    address: str
    confirmed: tuple[str, ...] = ()
    doubted: tuple[Skipped, ...] = ()


class _Unusable(Exception):
    """An answer that does not settle the question, and why."""


def find_reverse_names(
    addresses: Iterable[str],
    servers: tuple[Place, ...],
    limits: AskLimits = _DNS_LIMITS,
) -> Iterator[ReverseNames | Skipped]:
    """PTR names of each address, and whether they lead back; every address comes back once. The servers are asked in
    turn: the next one where one is silent or refuses.
    """
    names: dict[str, tuple[str, ...]] = {}
    doubts: dict[str, list[Skipped]] = {}
    wanted = {dns.reversename.from_address(address): address for address in addresses}
    for asked, answer in _look_up({(name, dns.rdatatype.PTR) for name in wanted}, servers, limits):
        address = wanted[asked[0]]
        if isinstance(answer, str):
            yield Skipped(where=address, why=f"DNS: {answer}")
        elif not answer:
            yield Skipped(where=address, why="DNS: it has no name there")
        else:
            names[address], doubts[address] = _choose_names(answer)
    found = _look_up({_ask_back(name, address) for address, own in names.items() for name in own}, servers, limits)
    back = dict(found)
    for address, own in names.items():
        confirmed = []
        for name in own:
            answer = back[_ask_back(name, address)]
            if isinstance(answer, str):
                doubts[address].append(Skipped(where=name, why=f"not confirmed: {answer}"))
            elif address in answer:
                confirmed.append(name)
            else:
                shown = ", ".join(answer[:4]) or "no address"
                doubts[address].append(Skipped(where=name, why=f"it leads to {shown}, not back to {address}"))
        yield ReverseNames(address=address, confirmed=tuple(confirmed), doubted=tuple(doubts[address]))


def make_record(names: ReverseNames) -> HostRecord | None:
    """The record of a source of kind `dns`: the first confirmed name; None without one."""
    return HostRecord(address=names.address, name=names.confirmed[0]) if names.confirmed else None


def _choose_names(answer: tuple[str, ...]) -> tuple[tuple[str, ...], list[Skipped]]:
    good, doubts = [], []
    for text in answer[:MOST_NAMES]:
        if name := read_host_name(text):
            good.append(name)
        else:
            doubts.append(Skipped(where="PTR", why="a name that no host can have"))
    if len(answer) > MOST_NAMES:
        doubts.append(Skipped(where="PTR", why=f"{len(answer)} names, the first {MOST_NAMES} are looked at"))
    return tuple(dict.fromkeys(good)), doubts


_Asked = tuple[dns.name.Name, dns.rdatatype.RdataType]


def _ask_back(name: str, address: str) -> _Asked:
    kind = dns.rdatatype.AAAA if ":" in address else dns.rdatatype.A
    return dns.name.from_text(name), kind


def _look_up(
    asked: set[_Asked], servers: tuple[Place, ...], limits: AskLimits
) -> Iterator[tuple[_Asked, tuple[str, ...] | str]]:
    """The answers' texts of each question, or why there is none."""
    left = dict.fromkeys(sorted(asked), "no server to ask")
    for server in servers:
        again: dict[_Asked, str] = {}
        kept = _Kept(server)
        for one in ask_many(kept.ask(left), limits):
            question = kept.open.pop(one.question.number)
            try:
                yield question.key, _read_answer(one, question.message)
            except _Unusable as error:
                again[question.key] = f"{server[0]}: {error}"
        left = again
    yield from left.items()


class _Sent(msgspec.Struct, frozen=True):
    key: _Asked
    message: dns.message.QueryMessage


class _Kept:
    """What was put to one server, by its number; at most 65,536 are open at once, far fewer by the limits."""

    def __init__(self, server: Place) -> None:
        self._server = server
        self.open: dict[int, _Sent] = {}

    def ask(self, asked: Iterable[_Asked]) -> Iterator[Question]:
        for key in asked:
            number = draw_number()
            while number in self.open:
                number = draw_number()
            message = dns.message.make_query(key[0], key[1], id=number)
            self.open[number] = _Sent(key, message)
            yield Question(key[0].to_text(), message.to_wire(), number, self._server)


def _read_answer(one: Heard | Unheard, asked: dns.message.QueryMessage) -> tuple[str, ...]:
    """The texts of the records that were asked for. Raises _Unusable."""
    if isinstance(one, Unheard):
        raise _Unusable(one.why)
    try:
        answer = dns.message.from_wire(one.packet, ignore_trailing=True, raise_on_truncation=False)
        if answer.flags & dns.flags.TC:
            place = one.question.place
            answer = dns.query.tcp(asked, place[0], port=place[1], timeout=_TCP_SECONDS)
    except (dns.exception.DNSException, OSError, ValueError, EOFError) as error:
        raise _Unusable(f"an answer that can't be read ({type(error).__name__})") from None
    if not asked.is_response(answer):
        raise _Unusable("an answer to another question")
    if answer.rcode() == dns.rcode.NXDOMAIN:
        return ()
    if answer.rcode() != dns.rcode.NOERROR:
        raise _Unusable(f"it answers {dns.rcode.to_text(answer.rcode())}")
    return _collect(answer, asked.question[0].name, asked.question[0].rdtype)


def _collect(answer: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> tuple[str, ...]:
    """Records of this name, through at most eight aliases."""
    for _ in range(8):
        for records in answer.answer:
            if records.name == name and records.rdtype == kind:
                return tuple(_write(str(record)) for record in list(records)[: 4 * MOST_NAMES])
        alias = next((r for r in answer.answer if r.name == name and r.rdtype == dns.rdatatype.CNAME), None)
        if alias is None:
            return ()
        name = alias[0].target
    raise _Unusable("a chain of aliases without an end")


def _write(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text
