"""What machines say of themselves and others contradict: kept as claims, which `codered hosts gaps` shows."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from codered_hq.hosts.identity import list_identifiers
from codered_hq.hosts.models import TEXT, AddressUse, Claim, Host, Identifier
from codered_hq.hosts.numbers import to_number
from codered_hq.model.inventory import HostRecord

TOLD = " told"  # a claim's kind: what the value would be if it were believed
Value = tuple[str, str]  # kind, value
_HEARD = {"netbios": ("mac", "netbios"), "multicast": ("mac", "netbios", "name")}
"""What whoever has an address answers to anybody who asks, by the kind of source. A name that a WINS server gives is
none of that: it is asked for hosts whose address is not known.
"""


def find_unproven(record: HostRecord, kind: str) -> set[Value]:
    """What of a record of this kind of source its host only says: a MAC by which the host that has the address is not
    known, a name of a host that is elsewhere.
    """
    if kind not in _HEARD or not record.address:
        return set()
    use = AddressUse.objects.filter(number=to_number(record.address), current=True).order_by("-last_seen").first()
    holder = use.host_id if use else None
    found: set[Value] = set()
    for what, value in list_identifiers(record).items():
        owners = Identifier.objects.filter(kind=what, value=value).select_related("host")
        if what not in _HEARD[kind] or any(owner.host_id == holder for owner in owners):
            continue
        if what == "mac" or any(_has_place(owner.host) for owner in owners):
            found.add((what, value))
    return found


def leave_out(record: HostRecord, foreign: set[Value]) -> HostRecord:
    """The record without these values."""
    gone = {kind: "" for kind, value in foreign if getattr(record, kind) == value}
    return msgspec.structs.replace(record, **gone) if gone else record


def note_told(said: Iterable[tuple[Host, Value]], source: str, at: datetime) -> None:
    """Keep what hosts said of themselves at this time (aware)."""
    rows = [
        Claim(host=host, kind=kind + TOLD, value=value[:TEXT], source=source[:TEXT], first_seen=at, last_seen=at)
        for host, (kind, value) in dict.fromkeys(said)
    ]
    Claim.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["host", "kind", "value", "source"], update_fields=["last_seen"]
    )


def _has_place(host: Host) -> bool:
    """Whether more is known of a host than what it is called: then a name alone does not lead to it."""
    known = host.identifiers.exclude(kind__in=("name", "netbios", "minion"))
    return bool(host.addresses.filter(current=True).exists() or known.exists())
