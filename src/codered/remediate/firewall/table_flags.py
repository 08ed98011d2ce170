"""The flags of a table, asked of the kernel itself: libnftables 1.0.6 writes whatever lies in memory in their place. A
table that is dormant is there with all its rules, and stops nothing.
"""

import errno
import os
import struct

from codered.remediate.firewall.links import dump, split_attributes
from codered.remediate.firewall.nft import NETLINK_NETFILTER, FirewallFailed

_TABLES = 10 << 8  # the kernel's number for nftables; the request adds 1, an answer 0
_FAMILIES = {"inet": 1, "netdev": 5}
_NAME, _FLAGS = 1, 2
_NONE_THERE = (errno.ENOENT, errno.EAFNOSUPPORT, errno.EOPNOTSUPP)


def read_table_flags(family: str, name: str) -> int:
    """The flags of a table (1 = dormant, 2 = it belongs to one process); 0 also if there is none. Ours have none.
    Raises FirewallFailed.
    """
    request = struct.pack(">BBH", _FAMILIES[family], 0, 0)
    try:
        for kind, body in dump(NETLINK_NETFILTER, _TABLES | 1, request):
            attributes = dict(split_attributes(body[4:])) if kind == _TABLES else {}
            if attributes.get(_NAME, b"").rstrip(b"\0") == name.encode():
                return int.from_bytes(attributes.get(_FLAGS, b""), "big")
    except OSError as error:
        if error.errno in _NONE_THERE:
            return 0
        told = os.strerror(error.errno) if error.errno else str(error)
        raise FirewallFailed(f"the firewall can't be asked: {told}") from None
    return 0
