import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.firewall import Session
from codered.remediate.firewall.ipsec import is_wrapped, list_policies, read_policy
from tests.fixtures.firewalls import run_inside
from tests.fixtures.networks import HOST, HOST6, WORLD, WORLD6, Namespace, running_network

OWN = Session(local=HOST, local_port=22, remote=WORLD, remote_port=5000)
WRAP = ("tmpl", "proto", "esp", "mode", "transport")


def set_policy(space: Namespace, *words: str) -> None:
    made = subprocess.run(space.command("ip", "xfrm", "policy", "add", *words), capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this kernel has no IPsec")


def ask(space: Namespace, session: Session = OWN) -> bool:
    return run_inside(space, lambda: is_wrapped(session, list_policies()))


@pytest.mark.parametrize(
    ("words", "wrapped"),
    [
        (("src", f"{HOST}/32", "dst", f"{WORLD}/32", "dir", "out"), True),
        (("src", "0.0.0.0/0", "dst", "10.20.0.0/16", "dir", "out"), True),
        (("src", f"{HOST}/32", "dst", "192.0.2.0/24", "dir", "out"), False),
        (("src", f"{HOST}/32", "dst", f"{WORLD}/32", "dir", "in"), False),
        (("src", "0.0.0.0/0", "dst", "0.0.0.0/0", "proto", "udp", "dir", "out"), False),
        (("src", "0.0.0.0/0", "dst", "0.0.0.0/0", "proto", "tcp", "sport", "22", "dir", "out"), True),
        (("src", "0.0.0.0/0", "dst", "0.0.0.0/0", "proto", "tcp", "dport", "22", "dir", "out"), False),
        (("src", "0.0.0.0/0", "dst", "0.0.0.0/0", "dir", "out", "mark", "7"), False),
        (("src", "0.0.0.0/0", "dst", "0.0.0.0/0", "dir", "out", "if_id", "7"), False),
    ],
)
def test_a_session_is_wrapped_as_the_policies_say(words: tuple[str, ...], wrapped: bool) -> None:
    with running_network() as network:
        assert not ask(network.host)
        set_policy(network.host, *words, *WRAP)
        assert ask(network.host) == wrapped


def test_what_is_let_out_bare_by_a_stronger_policy_is_not_wrapped() -> None:
    everything = ("src", "0.0.0.0/0", "dst", "0.0.0.0/0")
    with running_network() as network:
        set_policy(network.host, *everything, "dir", "out", "priority", "20", *WRAP)
        assert ask(network.host)
        set_policy(network.host, "src", f"{HOST}/32", "dst", f"{WORLD}/32", "dir", "out", "priority", "10")
        assert not ask(network.host)


def test_ipv6_has_policies_of_its_own() -> None:
    six = Session(local=HOST6, local_port=22, remote=WORLD6, remote_port=5000)
    with running_network() as network:
        set_policy(network.host, "src", "::/0", "dst", f"{WORLD6}/128", "dir", "out", *WRAP)
        assert (ask(network.host, six), ask(network.host)) == (True, False)


@given(st.binary(max_size=260))
def test_odd_policies_are_no_fault(raw: bytes) -> None:
    read_policy(raw)
    read_policy(bytes(40) + struct.pack("=HBB", 2, 200, 3) + raw.ljust(200, b"\1"))
