import os
import socket
from unittest.mock import patch

import pytest

from codered.remediate.firewall import nft
from codered.remediate.firewall.nft import (
    FirewallFailed,
    Part,
    encode_request,
    explain_unsupported,
    open_nft,
    start_nft,
)
from tests.fixtures.firewalls import run_inside
from tests.fixtures.networks import running_network


def test_a_table_is_made_listed_and_taken_away() -> None:
    def work() -> None:
        with open_nft() as opened:
            assert opened.list_table("inet", "mine") is None
            opened.run(encode_request([{"add": {"table": {"family": "inet", "name": "mine"}}}]))
            assert any("table" in part for part in opened.list_table("inet", "mine") or ())
            assert opened.list_table("netdev", "mine") is None
            assert opened.ask({"delete": {"table": {"family": "inet", "name": "mine"}}}) == []
            assert opened.list_table("inet", "mine") is None

    with running_network() as network:
        run_inside(network.host, work)


def test_what_is_refused_is_told_in_one_line_and_changes_nothing() -> None:
    def work() -> None:
        with open_nft() as opened:
            good: Part = {"add": {"table": {"family": "inet", "name": "mine"}}}
            bad: Part = {"delete": {"table": {"family": "inet", "name": "nobodys"}}}
            with pytest.raises(FirewallFailed, match=r"^the firewall refused: .*No such file") as told:
                opened.run(encode_request([good, bad]))
            assert "\n" not in str(told.value)
            assert opened.list_table("inet", "mine") is None
            with pytest.raises(FirewallFailed, match="the firewall refused: "):
                opened.run(b'{"nftables": [{"add": {"nonsense": 1}}]}')

    with running_network() as network:
        run_inside(network.host, work)


def test_nobody_but_root_is_told_so() -> None:
    with patch.object(os, "geteuid", return_value=1000):
        missing = explain_unsupported()
        with pytest.raises(FirewallFailed, match="run this as root"):
            start_nft()
    assert missing is not None
    assert missing.capability == "network"


def test_a_missing_library_is_told_with_what_to_do() -> None:
    with patch.object(nft, "_load", side_effect=OSError("no such library")):
        missing = explain_unsupported()
    assert missing is not None
    assert "install libnftables1" in missing.reason


def test_a_kernel_without_nftables_is_told_before_the_library_ends_us() -> None:
    with patch.object(socket, "socket", side_effect=OSError(93, "Protocol not supported")):
        missing = explain_unsupported()
    assert missing is not None
    assert "no nftables (Protocol not supported)" in missing.reason


def test_it_is_there() -> None:
    assert explain_unsupported() is None
