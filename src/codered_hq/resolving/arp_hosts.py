"""The ARP tables of routers as records of hosts: which MAC answers for which address."""

from collections import Counter

from codered_hq.model.inventory import HostRecord, Skipped
from codered_hq.resolving.macs import explain_mac
from codered_hq.resolving.switch_tables import SwitchTables

MOST_ADDRESSES = 16  # a MAC that answers for more is a router's (proxy ARP), and tells no machine from another


def read_arp_hosts(tables: SwitchTables) -> tuple[tuple[HostRecord, ...], tuple[Skipped, ...]]:
    """Records of a source of kind `snmp`, seen when the table was read, and what was not taken."""
    many = Counter(row.mac for row in tables.arp)
    records, refused = [], Counter[str]()
    for row in tables.arp:
        if row.mac in tables.own_macs:
            refused["the router's own"] += 1
        elif why := explain_mac(row.mac):
            refused[why] += 1
        elif many[row.mac] > MOST_ADDRESSES:
            refused[f"{row.mac} answers for {many[row.mac]} addresses: a router, as a rule"] += 1
        else:
            records.append(HostRecord(address=row.address, mac=row.mac, seen_at=tables.seen_at))
    skipped = [
        Skipped(where="ARP", why=f"{count} row{'s' * (count > 1)} not taken: {why}") for why, count in refused.items()
    ]
    return tuple(records), tuple(skipped)
