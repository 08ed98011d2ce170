"""The names of our own tables in the kernel, asked of it directly: libnftables would read all that is in all tables."""

import errno

from codered.remediate.firewall.links import dump, split_attributes
from codered.remediate.firewall.orders import is_table_name

_NETLINK_NETFILTER = 12
_NEW_TABLE, _GET_TABLE = 10 << 8, 10 << 8 | 1
_HEAD = 4  # bytes: family, version, number
_NAME = 1
_MOST = 256
_NONE_HERE = (errno.EPROTONOSUPPORT, errno.EAFNOSUPPORT, errno.EINVAL)  # a kernel without nftables has no tables


def list_own_tables() -> tuple[str, ...]:
    """The name of each containment whose tables stand in this network namespace. Raises OSError (no rights)."""
    found: set[str] = set()
    try:
        answers = list(dump(_NETLINK_NETFILTER, _GET_TABLE, bytes(_HEAD)))
    except OSError as error:
        if error.errno in _NONE_HERE:
            return ()
        raise
    for kind, body in answers:
        if kind != _NEW_TABLE or len(body) < _HEAD:
            continue
        raw = dict(split_attributes(body[_HEAD:])).get(_NAME, b"").rstrip(b"\0")
        name = raw.decode("ascii", "replace")
        if is_table_name(name) and len(found) < _MOST:
            found.add(name)
    return tuple(sorted(found))
