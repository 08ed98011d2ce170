"""The names of our own tables in the kernel, asked of it directly: libnftables would read all that is in all tables."""

import socket

from codered.remediate.firewall.links import dump, split_attributes
from codered.remediate.firewall.orders import is_table_name

_NETLINK_NETFILTER = 12
_NEW_TABLE, _GET_TABLE = 10 << 8, 10 << 8 | 1
_HEAD = 4  # bytes: family, version, number
_NAME = 1
_MOST = 256


def list_own_tables() -> tuple[str, ...]:
    """The name of each containment whose tables stand in this network namespace. Raises OSError."""
    found: set[str] = set()
    for kind, body in dump(_NETLINK_NETFILTER, _GET_TABLE, bytes(_HEAD)):
        if kind != _NEW_TABLE or len(body) < _HEAD or body[0] == socket.AF_UNSPEC:
            continue
        raw = dict(split_attributes(body[_HEAD:])).get(_NAME, b"").rstrip(b"\0")
        name = raw.decode("ascii", "replace")
        if is_table_name(name) and len(found) < _MOST:
            found.add(name)
    return tuple(sorted(found))
