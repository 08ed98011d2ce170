import errno

import pytest

from codered.remediate.firewall import names
from codered.remediate.firewall.names import list_own_tables
from tests.fixtures.firewalls import run_inside
from tests.fixtures.networks import running_network


def test_only_tables_of_ours_are_named_each_once() -> None:
    with running_network() as network:
        assert run_inside(network.host, list_own_tables) == ()
        for table in ("inet codered-ab12", "netdev codered-ab12", "ip codered-cd34", "inet codered", "inet filter"):
            network.host.run("nft", "add", "table", *table.split())
        assert run_inside(network.host, list_own_tables) == ("codered-ab12", "codered-cd34")


@pytest.mark.parametrize("code", [errno.EPROTONOSUPPORT, errno.EINVAL])
def test_a_kernel_without_nftables_has_none(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, "no such family")

    monkeypatch.setattr(names, "dump", refuse)
    assert list_own_tables() == ()


def test_what_may_not_be_asked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "not permitted")

    monkeypatch.setattr(names, "dump", refuse)
    with pytest.raises(PermissionError):
        list_own_tables()
