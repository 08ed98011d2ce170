"""How a switch lets us read, and what reading may cost it."""

from functools import cache
from typing import Any, Literal

import msgspec

from codered.model.errors import WrongUse

AuthKind = Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]
PrivKind = Literal["des", "aes128", "aes192", "aes256"]
_AUTH = {
    "md5": "Md5Key", "sha1": "Sha1Key", "sha224": "Sha224Key", "sha256": "Sha256Key", "sha384": "Sha384Key",
    "sha512": "Sha512Key",
}  # fmt: skip
_PRIV = {"des": "DesKey", "aes128": "Aes128Key", "aes192": "Aes192Key", "aes256": "Aes256Key"}


class SnmpAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Either a community (v2c), or a user (v3) with the passwords that sign and encrypt ("" = not done)."""

    community: str = ""
    user: str = ""
    auth: AuthKind = "sha256"
    auth_password: str = ""
    priv: PrivKind = "aes128"
    priv_password: str = ""
    port: int = 161

    def __repr__(self) -> str:
        """Without the secrets: this may end up in a log."""
        return f"SnmpAccess(v3 user {self.user})" if self.user else "SnmpAccess(v2c)"


class SnmpLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What reading may cost: switches at once; seconds for one answer and tries of it; rows of one table, and rows an
    answer may bring; requests a second to one switch (0 = as fast as it answers); VLANs asked one by one; seconds
    for a whole switch.
    """

    at_once: int = 200
    seconds: float = 3.0
    tries: int = 2
    most_rows: int = 500_000
    rows_at_once: int = 50
    per_second: float = 0.0
    most_vlans: int = 512
    whole_seconds: float = 600.0


def check_access(access: SnmpAccess) -> None:
    """Raises WrongUse if it cannot be meant so."""
    if bool(access.community) == bool(access.user):
        raise WrongUse("give either a community (SNMP v2c) or a user (v3)", where="SNMP")
    if access.priv_password and not access.auth_password:
        raise WrongUse("encryption needs a password for signing too", where=f"SNMP user {access.user}")
    for password in (access.auth_password, access.priv_password):
        if password and len(password) < 8:
            raise WrongUse("a password of SNMP v3 has at least 8 characters", where=f"SNMP user {access.user}")


@cache
def load_library() -> Any:  # noqa: ANN401 - it may be missing
    """The SNMP library, which not every system has. Raises WrongUse."""
    try:
        import gufo.snmp._fast
        import gufo.snmp.aio
        import gufo.snmp.user
    except ImportError:
        raise WrongUse("gufo_snmp is not installed", where="SNMP", advice="install codered-detect[hq]") from None
    return gufo.snmp


def open_session(address: str, access: SnmpAccess, limits: SnmpLimits, *, vlan: int = 0) -> Any:  # noqa: ANN401 - the library is optional
    """A session, not begun yet (`async with`). `vlan`: the table of one VLAN, as Cisco has them (v2c only).
    Raises WrongUse.
    """
    check_access(access)
    session = load_library().aio.SnmpSession
    settings: dict[str, Any] = {
        "port": access.port,
        "timeout": limits.seconds,
        "max_repetitions": limits.rows_at_once,
        "limit_rps": limits.per_second or None,
    }
    if access.user:
        return session(address, user=_make_user(access), **settings)
    community = f"{access.community}@{vlan}" if vlan else access.community
    return session(address, community=community, **settings)


def _make_user(access: SnmpAccess) -> Any:  # noqa: ANN401
    keys = load_library().user
    auth = getattr(keys, _AUTH[access.auth])(access.auth_password.encode()) if access.auth_password else None
    priv = getattr(keys, _PRIV[access.priv])(access.priv_password.encode()) if access.priv_password else None
    return keys.User(access.user, auth_key=auth, priv_key=priv)
