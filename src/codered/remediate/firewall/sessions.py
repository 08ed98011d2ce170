"""The responder's own connections: what must live on when the host is cut off, or nobody could open it again.

Found by who started this tool: the connections that its ancestors hold, those of the people attached to the terminal
multiplexer it runs in, and the one that SSH_CONNECTION names, if it is there.
"""

import os
from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from pathlib import Path

import msgspec

from codered.model.errors import Refused
from codered.model.firewall import FirewallOrder, Session
from codered.remediate.file_state import escape_text
from codered.remediate.firewall.ipsec import is_wrapped, list_policies
from codered.remediate.firewall.links import find_device
from codered.remediate.firewall.orders import is_allowed, read_address
from codered.remediate.firewall.sockets import list_connections
from codered.remediate.processes import PROC, list_pids, read_facts

_PROGRAMS = Path(__file__).with_name("session_programs.json")
_MOST_DESCRIPTORS = 100_000
_MOST_ENVIRONMENT = 1 << 20
_MOST_ANCESTORS = 64
_SOCKET = b"socket:["
_VARIABLE = b"SSH_CONNECTION="
_ADVICE = "allow the network you come from: --allow ADDRESS/BITS"


class Multiplexer(msgspec.Struct, frozen=True):
    """A program in which terminals outlive connections, by the names of its two kinds of process."""

    server: str
    client: str


class SessionPrograms(msgspec.Struct, frozen=True):
    """Which programs people come in with; `tunnels` are hardware types (ARPHRD) of devices whose packets travel in
    others, as with a VPN, `tunnel_drivers` what makes such devices that look like Ethernet; `consoles` are the major
    numbers of terminals of the machine itself: its screens and serial lines, and those a virtual machine has of its
    host.
    """

    multiplexers: tuple[Multiplexer, ...]
    over_udp: tuple[str, ...]
    logins: tuple[str, ...]
    tunnels: tuple[int, ...]
    tunnel_drivers: tuple[str, ...]
    consoles: tuple[int, ...]


def find_own_sessions(management: Iterable[str] = ()) -> tuple[Session, ...]:
    """The responder's TCP connections. Raises Refused if he comes over the network and none is found, or through a
    tunnel, unless the `management` networks allow where he comes from.
    """
    management = tuple(management)
    programs = _read_programs()
    try:
        family = _list_family(programs)
        own = {inode for pid in family for inode in list_sockets(pid)}
        told = {session for pid in family if (session := _read_told(pid)) is not None}
        there = [(one.session, one.inode) for one in list_connections()]
    except OSError as error:
        raise Refused(f"your own connection can't be found: {error.strerror}", advice=_ADVICE) from None
    found = {session for session, inode in there if inode in own or session in told}
    away = {session for session in found if not read_address(session.remote).is_loopback}
    if not away and all(_shares_network(pid) for pid in _list_ancestors(os.getpid())):
        _check_local(family, told, programs, management)
    _check_tunnels({one for one in away if not _is_managed(one, management)}, programs)
    return tuple(sorted(away))


def is_at_console() -> bool:
    """Whether this runs at a terminal of the machine itself, which stays when the network goes. A remote desktop, a web
    console and `sudo` may look alike, so no other terminal, and none, is taken for one.
    """
    try:
        words = (PROC / "self/stat").read_bytes().rpartition(b")")[2].split()
        return os.major(int(words[4])) in _read_programs().consoles
    except (OSError, ValueError, IndexError):
        return False


def _read_programs() -> SessionPrograms:
    return msgspec.json.decode(_PROGRAMS.read_bytes(), type=SessionPrograms)


def _check_tunnels(sessions: set[Session], programs: SessionPrograms) -> None:
    """Raises Refused if a session comes through a tunnel: what carries it would be cut off."""
    for session in sessions:
        try:
            device, is_ipsec = find_device(read_address(session.local)), is_wrapped(session, list_policies())
        except OSError as error:
            what = f"whether you come through a tunnel can't be found: {error.strerror}"
            raise Refused(what, where=session.remote, advice=_ADVICE) from None
        is_tunnel = device is not None and (device.kind in programs.tunnels or device.driver in programs.tunnel_drivers)
        if is_ipsec or is_tunnel:
            through = escape_text(device.name) if device is not None and is_tunnel else "IPsec"
            what = f"you come through {through}, a tunnel, and what carries it would be cut off"
            raise Refused(what, where=session.remote, advice=f"{_ADVICE}, and the tunnel's other end too")


def _check_local(family: list[int], told: set[Session], programs: SessionPrograms, management: tuple[str, ...]) -> None:
    """Raises Refused if the responder seems to come over the network all the same."""
    names = {_read_name(pid).partition(":")[0] for pid in family}
    mobile = names.intersection(programs.over_udp)
    far = sorted(one for one in told if not _is_managed(one, management))
    if mobile and (far or not management):
        raise Refused(f"you come by {min(mobile)}, whose connection can't be told apart", advice=_ADVICE)
    if far or (names.intersection(programs.logins) and not told and not management):
        where = far[0].remote if far else ""
        raise Refused("you come over the network, and your own connection was not found", where=where, advice=_ADVICE)


def _is_managed(session: Session, management: tuple[str, ...]) -> bool:
    nets = tuple(str(ip_network(net, strict=False)) for net in management)
    return is_allowed(session, FirewallOrder(management=nets))


def _list_family(programs: SessionPrograms) -> list[int]:
    """Our ancestors in this network namespace, and those of the clients of a multiplexer we run in."""
    family = list(_list_ancestors(os.getpid()))
    names = {_read_name(pid) for pid in family}
    for kind in programs.multiplexers:
        if kind.server not in names:
            continue
        for pid in list_pids():
            if _read_name(pid) == kind.client:
                family += [one for one in _list_ancestors(pid) if one not in family]
    return [pid for pid in family if _shares_network(pid)]


def _list_ancestors(pid: int) -> Iterator[int]:
    for _ in range(_MOST_ANCESTORS):
        if pid <= 0:
            return
        yield pid
        facts = read_facts(pid)
        pid = facts.parent if facts is not None else 0


def _shares_network(pid: int) -> bool:
    """Whether the process is in our network namespace; what can't be told may be."""
    try:
        return os.readlink(PROC / str(pid) / "ns/net") == os.readlink(PROC / "thread-self/ns/net")
    except OSError:
        return True


def list_sockets(pid: int) -> set[int]:
    """The inodes of the sockets that a process holds; none where that can't be read."""
    found: set[int] = set()
    folder = os.fsencode(PROC / str(pid) / "fd")
    try:
        names = os.listdir(folder)[:_MOST_DESCRIPTORS]
    except OSError:
        return found
    for name in names:
        try:
            link = os.readlink(os.path.join(folder, name))
        except OSError:
            continue
        number = link.removeprefix(_SOCKET).rstrip(b"]")
        if link.startswith(_SOCKET) and number.isdigit():
            found.add(int(number))
    return found


def _read_told(pid: int) -> Session | None:
    """The connection that SSH_CONNECTION names in the process's environment."""
    try:
        with (PROC / str(pid) / "environ").open("rb") as file:
            raw = file.read(_MOST_ENVIRONMENT)
    except OSError:
        return None
    value = next((one for one in raw.split(b"\0") if one.startswith(_VARIABLE)), b"")
    words = value.removeprefix(_VARIABLE).decode("ascii", "replace").split()
    if len(words) != 4 or not (words[1].isdecimal() and words[3].isdecimal()):
        return None
    try:
        remote, local = str(read_address(words[0])), str(read_address(words[2]))
    except ValueError:
        return None
    return Session(local=local, local_port=int(words[3]), remote=remote, remote_port=int(words[1]))


def _read_name(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_bytes().rstrip(b"\n").decode(errors="backslashreplace")
    except OSError:
        return ""
