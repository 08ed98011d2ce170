from codered.remediate.firewall.table_flags import read_table_flags
from tests.fixtures.firewalls import run_inside
from tests.fixtures.networks import running_network

NAME = "codered-ab12"
DORMANT = 1


def test_flags_are_those_of_this_table_in_this_family() -> None:
    with running_network() as network:
        assert run_inside(network.host, lambda: read_table_flags("inet", NAME)) == 0
        network.host.run("nft", f"add table inet {NAME}x {{ flags dormant; }}; add table inet {NAME}")
        network.host.run("nft", f"add table netdev {NAME} {{ flags dormant; }}")
        assert run_inside(network.host, lambda: read_table_flags("inet", NAME)) == 0
        assert run_inside(network.host, lambda: read_table_flags("netdev", NAME)) == DORMANT
