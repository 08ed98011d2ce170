import os

import pytest
from msgspec.structs import replace

from codered.model.errors import Refused
from codered.remediate.keeping.places import read_network, refuse_elsewhere
from tests.fixtures.contained import make_record, within
from tests.fixtures.networks import running_network


def test_what_stands_in_another_network_namespace_is_refused_while_that_is_there() -> None:
    with running_network() as network:
        there = within(network.host, read_network)
        assert there != read_network() == os.stat("/proc/self/ns/net").st_ino
        record = replace(make_record(), network=there)
        within(network.host, lambda: refuse_elsewhere(record))
        with pytest.raises(Refused, match=rf"another network namespace.*/proc/{network.host.pid}/ns/net"):
            refuse_elsewhere(record)
        refuse_elsewhere(replace(record, boot="another"))  # numbers mean nothing after another start
        refuse_elsewhere(replace(record, network=0))
        refuse_elsewhere(replace(record, network=1))  # it is gone, and its rules with it
