"""NetBIOS node status (UDP 137): what a Windows or Samba host calls itself, its workgroup, and who sits at it."""

from collections.abc import Iterable, Iterator

import msgspec

from codered_hq.model.inventory import HostRecord, Skipped
from codered_hq.resolving.asking import AskLimits, Question, Unheard, ask_many, draw_number
from codered_hq.resolving.macs import is_machine_mac
from codered_hq.resolving.nbns_packets import Malformed, OwnName, read_status, write_status_question

PORT = 137
_WORKSTATION, _MESSENGER, _SERVER, _CONTROLLERS = 0x00, 0x03, 0x20, 0x1C


class NodeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A host's own account. `mac` "" = it gave none that a machine can have (Samba gives zeros); `users` are names of
    the messenger service that are not the host's own: as a rule who is logged on, and old systems alone tell.
    """

    address: str
    name: str
    workgroup: str = ""
    mac: str = ""
    users: tuple[str, ...] = ()
    server: bool = False
    domain_controller: bool = False
    names: tuple[OwnName, ...] = ()


def ask_node_status(
    addresses: Iterable[str],
    limits: AskLimits = AskLimits(),  # noqa: B008
    *,
    port: int = PORT,
) -> Iterator[NodeStatus | Skipped]:
    """Ask each IPv4 address for its names; every address comes back once, as an answer or with the reason."""
    for one in ask_many(_make_questions(addresses, port), limits):
        where = one.question.subject
        if isinstance(one, Unheard):
            yield Skipped(where=where, why=f"NetBIOS: {one.why}")
            continue
        try:
            answer = read_status(one.packet)
        except Malformed as error:
            yield Skipped(where=where, why=f"NetBIOS: not a node status answer: {error}")
            continue
        yield judge_names(where, answer.names, answer.mac)


def _make_questions(addresses: Iterable[str], port: int) -> Iterator[Question]:
    for address in addresses:
        number = draw_number()
        yield Question(address, write_status_question(number), number, (address, port))


def judge_names(address: str, names: tuple[OwnName, ...], mac: str) -> NodeStatus:
    """What the names with their suffixes say of the host."""
    own = _find(names, _WORKSTATION, group=False) or _find(names, _SERVER, group=False)
    name = own[0] if own else ""
    users = tuple(text for text in _find(names, _MESSENGER, group=False) if text != name)
    groups = _find(names, _WORKSTATION, group=True)
    return NodeStatus(
        address=address,
        name=name,
        workgroup=groups[0] if groups else "",
        mac=mac if is_machine_mac(mac) else "",
        users=users,
        server=bool(_find(names, _SERVER, group=False)),
        domain_controller=bool(_find(names, _CONTROLLERS, group=True)),
        names=names,
    )


def _find(names: tuple[OwnName, ...], suffix: int, *, group: bool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n.text for n in names if n.suffix == suffix and n.group == group and n.text))


def make_record(status: NodeStatus) -> HostRecord:
    """The record of a source of kind `netbios`."""
    return HostRecord(address=status.address, mac=status.mac, netbios=status.name.lower())
