import errno
import os
import resource
import socket
import sys

import pytest

from codered_hq.probing.ranges import AddressSpace
from codered_hq.probing.sockets import CLOSED, SCARCE, NotBegun, begin, explain, explain_own, raise_limit
from tests.fixtures.networks import running_network

PLACE = AddressSpace(("127.0.0.1",)).locate(0)


def test_what_errors_mean() -> None:
    assert explain(errno.ECONNREFUSED) == ("not_web", CLOSED)
    assert explain(errno.ETIMEDOUT)[0] == "no_answer"
    for number in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES, errno.EPERM, errno.EHOSTDOWN, errno.EIO):
        assert explain(number)[0] == "filtered"
    assert explain(errno.ECONNRESET)[0] == "undetermined"
    assert errno.EMFILE in SCARCE
    assert "own firewall" in explain_own(PLACE, errno.EPERM)
    assert "no route" in explain_own(PLACE, errno.EHOSTUNREACH)
    assert "File exists" in explain_own(PLACE, errno.EEXIST)


def test_connecting_never_waits() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        sock = begin(PLACE, door.getsockname()[1])
        assert sock.gettimeout() == 0
        sock.close()


def test_no_route_and_broadcast_addresses_are_ours_to_tell() -> None:
    script = """
import sys
from codered_hq.probing.ranges import AddressSpace
from codered_hq.probing.sockets import NotBegun, begin, explain_own
for text in sys.argv[1:]:
    place = AddressSpace((text,)).locate(0)
    try:
        begin(place, 80)
    except NotBegun as error:
        print(text, explain_own(place, error.number))
"""
    with running_network() as network:
        network.host.run("ip", "route", "add", "unreachable", "203.0.113.0/24")
        network.host.run("ip", "-6", "route", "del", "default")
        told = network.host.run(sys.executable, "-c", script, "203.0.113.9", "10.20.30.255", "2001:db8::1").stdout
    first, second, third = told.splitlines()
    assert "no route" in first
    assert "broadcast" in second
    assert "no route" in third


def test_the_soft_limit_is_raised_and_the_hard_one_kept() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        enough = len(os.listdir("/proc/self/fd")) + 256  # of the tests before, some may have left theirs open
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
        assert raise_limit(100) == 100
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == enough
        assert enough < raise_limit(1_000_000_000) < hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_nothing_begun_says_why() -> None:
    with pytest.raises(NotBegun) as caught:
        begin(AddressSpace(("255.255.255.255",)).locate(0), 80)
    assert caught.value.number in (errno.ENETUNREACH, errno.EACCES)
