from collections.abc import Iterator

import pytest

from tests.fixtures.networks import Network, running_network


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network() as found:
        yield found
