"""Names at a WINS server (UDP 137, unicast): which addresses a NetBIOS name has registered."""

from collections.abc import Iterable, Iterator

import msgspec

from codered_hq.model.inventory import HostRecord, Skipped
from codered_hq.resolving.asking import AskLimits, Place, Question, Unheard, ask_many, draw_number
from codered_hq.resolving.nbns_packets import Malformed, read_addresses, write_name_question

_WINS_LIMITS = AskLimits(per_second=500.0, at_once=1000, seconds=2.0, tries=3)
_LONGEST = 15


class WinsName(msgspec.Struct, frozen=True, kw_only=True):
    """A name and the addresses that the server has for it."""

    name: str
    addresses: tuple[str, ...]


def ask_wins(names: Iterable[str], server: Place, limits: AskLimits = _WINS_LIMITS) -> Iterator[WinsName | Skipped]:
    """Ask the server for each name; every name comes back once, with its addresses or with the reason."""
    good = []
    for name in dict.fromkeys(names):
        if name.isascii() and name.isprintable() and 0 < len(name) <= _LONGEST:
            good.append(name)
        else:
            yield Skipped(where=name[:64], why="WINS: not a NetBIOS name (1 to 15 ASCII characters)")
    for one in ask_many(_make_questions(good, server), limits):
        where = one.question.subject
        if isinstance(one, Unheard):
            yield Skipped(where=where, why=f"WINS {server[0]}: {one.why}")
            continue
        try:
            addresses = read_addresses(one.packet)
        except Malformed as error:
            yield Skipped(where=where, why=f"WINS {server[0]}: not a name answer: {error}")
            continue
        if addresses:
            yield WinsName(name=where, addresses=addresses)
        else:
            yield Skipped(where=where, why=f"WINS {server[0]}: it does not know this name")


def _make_questions(names: list[str], server: Place) -> Iterator[Question]:
    for name in names:
        number = draw_number()
        yield Question(name, write_name_question(number, name), number, server)


def make_records(found: WinsName) -> tuple[HostRecord, ...]:
    """Records of a source of kind `netbios`, one an address."""
    return tuple(HostRecord(address=address, netbios=found.name.lower()) for address in found.addresses)
