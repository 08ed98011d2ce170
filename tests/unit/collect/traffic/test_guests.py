import os

import pytest

from codered.collect.traffic.guests import has_guests
from tests.fixtures.networks import running_network


def look(enter: object) -> bool:
    child = os.fork()
    if not child:
        code = 2
        try:
            assert callable(enter)
            enter()
            code = int(has_guests())
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 1)
    return code == 1


@pytest.mark.parametrize(("kind", "expected"), [("bridge", True), ("veth", False)])
def test_a_bridge_lets_others_send(kind: str, expected: bool) -> None:
    with running_network() as network:
        assert not look(network.host.enter)
        network.host.run("ip", "link", "add", "one0", "type", kind)
        assert look(network.host.enter) == expected
