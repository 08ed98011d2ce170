import pytest

from codered.model.errors import WrongUse
from codered_hq.resolving.snmp_access import SnmpAccess, SnmpLimits, check_access, open_session


def test_secrets_are_not_shown() -> None:
    access = SnmpAccess(user="reader", auth_password="signing-words", priv_password="hiding-words")
    assert repr(access) == str(access) == "SnmpAccess(v3 user reader)"
    assert "geheim" not in repr(SnmpAccess(community="geheim"))


@pytest.mark.parametrize(
    ("access", "why"),
    [
        (SnmpAccess(), "either a community"),
        (SnmpAccess(community="a", user="b"), "either a community"),
        (SnmpAccess(user="b", priv_password="hiding-words"), "a password for signing"),
        (SnmpAccess(user="b", auth_password="short"), "at least 8"),
    ],
)
def test_what_cannot_be_meant_so(access: SnmpAccess, why: str) -> None:
    with pytest.raises(WrongUse, match=why):
        check_access(access)
    with pytest.raises(WrongUse, match=why):
        open_session("127.0.0.1", access, SnmpLimits())
