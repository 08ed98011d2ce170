from pathlib import Path

from codered_hq.model.inventory import HostRecord, Skipped
from codered_hq.resolving.asking import AskLimits
from codered_hq.resolving.nbns_packets import OwnName
from codered_hq.resolving.node_status import NodeStatus, ask_node_status, judge_names, make_record
from tests.fixtures.networks import WORLD, inside, joined_namespaces, running_network
from tests.fixtures.nmbd_servers import running_nmbd
from tests.fixtures.small_responders import NODE_STATUS, running_responder

QUICK = AskLimits(seconds=0.5, tries=3)


def test_samba_tells_its_names(tmp_path: Path) -> None:
    with joined_namespaces() as network, running_nmbd(network.world, tmp_path, f"{WORLD}/24"), inside(network.host):
        one, other = ask_node_status([WORLD, "10.20.30.77"], AskLimits(seconds=1.0, tries=3))
    assert isinstance(one, NodeStatus)
    assert (one.address, one.name, one.workgroup, one.server) == (WORLD, "FILESERVER", "OFFICE", True)
    assert one.mac == ""  # Samba writes zeros
    assert make_record(one) == HostRecord(address=WORLD, netbios="fileserver")
    assert isinstance(other, Skipped)
    assert other.where == "10.20.30.77"


def test_a_subnet_and_those_that_are_silent() -> None:
    asked = [f"198.51.100.{low}" for low in range(1, 201)] + [f"203.0.113.{low}" for low in range(1, 21)]
    with (
        running_network() as network,
        running_responder(network.world, NODE_STATUS, 137),
        inside(network.host),
    ):
        found = list(ask_node_status(asked, QUICK))
    known = {one.address: one for one in found if isinstance(one, NodeStatus)}
    silent = {one.where: one.why for one in found if isinstance(one, Skipped)}
    assert sorted([*known, *silent]) == sorted(asked)
    assert set(silent) == {f"203.0.113.{low}" for low in range(1, 21)}
    assert set(silent.values()) == {"NetBIOS: no answer (3 tries, 0.5 s each)"}
    assert known["198.51.100.17"].name == "HOST-6411"
    assert make_record(known["198.51.100.17"]).mac == "02:00:c6:33:64:11"


def test_answers_that_are_none() -> None:
    text = 'def answer(packet, sender, local):\n    return [packet[:2] + b"\\x84\\0" + b"\\xff" * 500]\n'
    with running_network() as network, running_responder(network.world, text, 137), inside(network.host):
        (one,) = ask_node_status(["198.51.100.9"], QUICK)
    assert isinstance(one, Skipped)
    assert one.why.startswith("NetBIOS: not a node status answer: ")


def test_suffixes_say_what_a_host_is() -> None:
    names = (
        OwnName("DC-1", 0x00, False), OwnName("CORP", 0x00, True), OwnName("CORP", 0x1C, True),
        OwnName("DC-1", 0x20, False), OwnName("DC-1", 0x03, False), OwnName("ALICE", 0x03, False),
    )  # fmt: skip
    status = judge_names("192.0.2.1", names, "00:50:56:88:01:25")
    assert (status.name, status.workgroup, status.users) == ("DC-1", "CORP", ("ALICE",))
    assert status.domain_controller
    assert status.server
    assert status.mac == "00:50:56:88:01:25"
    assert judge_names("192.0.2.1", (), "ff:ff:ff:ff:ff:ff") == NodeStatus(address="192.0.2.1", name="")
