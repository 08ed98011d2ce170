"""What is done with a containment in the kernel: put up, confirmed, armed again, taken away. Works on the network
namespace of the calling thread.
"""

from codered.model.firewall import ContainKind, FirewallOrder, FirewallState
from codered.remediate.firewall.links import list_links
from codered.remediate.firewall.nft import FirewallFailed, Nft, open_nft
from codered.remediate.firewall.reading import (
    Holding,
    is_arming_whole,
    list_armed,
    list_chained,
    list_uncovered,
    read_arming,
    read_holding,
    read_rules,
    see_tables,
)
from codered.remediate.firewall.requests import (
    name_device_chain,
    request_arming,
    request_device,
    request_removal,
    request_tables,
)

_TRIES = 2
OPENED = "it has opened by itself already, because nobody confirmed it in time"


def put_up(nft: Nft, kind: ContainKind, name: str, order: FirewallOrder) -> str:
    """Put the tables up in one transaction, in place of what they were; what can't be stopped, in words, "" if nothing.
    Raises FirewallFailed (nothing was changed), ValueError.
    """
    why = ""
    for _ in range(_TRIES if order.frames else 0):  # a device may go while we look
        try:
            nft.run(request_tables(kind, name, order, list_links()))
        except (FirewallFailed, OSError) as error:
            why = str(error)
        else:
            return ""
    nft.run(request_tables(kind, name, order, None))
    return f"raw frames pass, this kernel does not stop them: {why}" if why else ""


def take_down(name: str) -> bool:
    """Take our tables of this name away; False if there were none. Raises FirewallFailed."""
    with open_nft() as nft:
        families = list(see_tables(nft, name).parts)
        if families:
            nft.run(request_removal(name, families))
        return bool(families)


def read_state(kind: ContainKind, name: str, order: FirewallOrder) -> FirewallState:
    """The state of the tables in the kernel. Raises FirewallFailed, ValueError."""
    with open_nft() as nft:
        return read_rules(nft, kind, name, order)


def look_at_holding(kind: ContainKind, name: str, order: FirewallOrder) -> Holding:
    """All that can be read of a containment: for its status and for who keeps it. Raises FirewallFailed, OSError."""
    with open_nft() as nft:
        return read_holding(nft, kind, name, order)


def confirm(name: str, order: FirewallOrder) -> None:
    """Make it stay. Raises FirewallFailed if it has opened, or is not there."""
    arm_again(name, order, 0)


def arm_again(name: str, order: FirewallOrder, seconds: float) -> None:
    """Let it open by itself in so many seconds from now on (0 = never), instead of when it would have. Raises
    FirewallFailed if it has opened, or is not there.
    """
    with open_nft() as nft:
        seen = see_tables(nft, name)
        if not seen.parts:
            raise FirewallFailed("its tables are not there any more: somebody took them away")
        if not order.confirm_within:
            return
        if read_arming(seen, order)[0] == "opened":
            raise FirewallFailed(OPENED)
        if not is_arming_whole(seen, order):
            raise FirewallFailed("somebody took away a part of what holds it: it must be put up anew")
        whole = round(seconds) if seconds >= 1 or not seconds else 1
        devices, versions = list_armed(seen, "netdev"), list_armed(seen, "inet")
        nft.run(request_arming(name, devices, whole, versions=versions))


def cover_new_devices(kind: ContainKind, name: str, order: FirewallOrder) -> tuple[str, ...]:
    """Have the frames of devices that came up later looked at as well; their names. Raises FirewallFailed, OSError."""
    with open_nft() as nft:
        seen = see_tables(nft, name)
        arming, left = read_arming(seen, order)
        if "netdev" not in seen.parts or arming == "opened":
            return ()
        chained = list_chained(seen)
        new = list_uncovered(seen, order, list_links())
        for link in new:
            armed = (max(1, round(left)) if arming == "armed" else 0) if order.confirm_within else None
            has_chain = name_device_chain(link) in chained
            nft.run(request_device(name, kind, link, armed=armed, chained=has_chain))
        return tuple(link.name for link in new)
