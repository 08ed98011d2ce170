import os
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from codered.cli import running
from codered.collect.process_identity import identify_process
from codered.model.ruleset import RuleSet
from codered.scan.behaviour import descends_from
from tests.fixtures.behaviour_watching import watch
from tests.fixtures.networks import HOST, running_network

WORM = Path(__file__).resolve().parents[2] / "fixtures" / "marker_worm.py"


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> Iterator[RuleSet]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODERED_CACHE", str(rule_cache))
        yield running.load_rules()


def test_a_worm_is_told_once_with_its_process_and_a_tools_own_children_never(rules: RuleSet) -> None:
    with running_network() as network:

        def attack() -> None:
            network.host.run(sys.executable, str(WORM), "--rate", "50", "--count", "60")

        told = watch(network, rules, attack, 4.0)
        (finding,) = told.findings
        assert (finding.indicator, finding.confidence, told.kinds) == ("horizontal-scan", "confirmed", ["scan"])
        assert finding.subject.kind == "process"
        assert told.summary.scanners[0].attempts == 60
        assert told.summary.attempts == 60
        assert told.notes
        passed = watch(network, rules, attack, 4.0, own=True)
        assert passed.findings == []
        assert passed.summary.attempts < 60


OWN_LISTENERS = """
import socket, sys, time
def reach(address, port):
    one = socket.socket(); one.setblocking(False)
    try: one.connect((address, port))
    except OSError: pass
    return one
kept, listener = [], socket.create_server(("0.0.0.0", 80), backlog=4000)
if sys.argv[1] == "outage":
    for own in ("127.0.0.2", "127.0.0.3"): socket.create_connection((own, 80)).close()
    listener.close()
for one in range(60):
    for own in range(2):
        kept.append(reach("127.0.0.%d" % (own + 2) if sys.argv[1] == "outage" else f"127.1.{one}.{own + 1}", 80))
    kept.append(reach(f"20.{one}.7.9", 80))
    time.sleep(0.02)
time.sleep(0.5)
"""


@pytest.mark.parametrize("how", ["outage", "success"])
def test_own_listeners_neither_buy_free_nor_feign_an_outage(rules: RuleSet, how: str) -> None:
    with running_network() as network:
        told = watch(network, rules, lambda: network.host.run(sys.executable, "-c", OWN_LISTENERS, how), 5.0)
        assert [finding.confidence for finding in told.findings] == ["confirmed"]
        assert told.summary.attempts == 60


def test_a_sweep_of_the_segment_by_another_host_says_nothing_of_this_one(rules: RuleSet) -> None:
    with running_network() as network:

        def attack() -> None:
            network.world.run(
                "sh", "-c", "for n in $(seq 100 160); do ping -c 1 -W 0.01 10.20.30.$n & done; wait; true"
            )

        told = watch(network, rules, attack, 6.0)
        assert {finding.confidence for finding in told.findings} <= {"suspicious"}
        assert HOST not in {finding.subject.address for finding in told.findings}


def test_who_descends_from_whom() -> None:
    own = frozenset((os.getpid(),))
    with Popen(["sleep", "30"]) as child:
        one = identify_process(child.pid)
        assert one is not None
        assert descends_from(b"pid %d %d" % (one.pid, one.start), own)
        assert not descends_from(b"pid %d %d" % (one.pid, one.start), frozenset((999_999_999,)))
        child.kill()
    assert not descends_from(b"pid %d 1" % child.pid, own)
    for key in (b"", b"pid x 1", b"gone 12", b"\x0a\x00\x00\x01", b"pid 1 1"):
        assert not descends_from(key, own)


RAW_FRAMES = """
import socket, struct, time
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for one in range(30):
    source, target = socket.inet_aton("HOST"), bytes((20, one, 7, 9))
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, one, 0, 64, 6, 0, source, target)
    syn = struct.pack(">HHIIBBHHH", 20000 + one, 80, one, 0, 0x50, 2, 1000, 0, 0)
    raw.sendto(head + syn, (socket.inet_ntoa(target), 0))
    time.sleep(0.02)
time.sleep(1.0)
"""


@pytest.mark.parametrize(("bridged", "expected"), [(False, "confirmed"), (True, "likely")])
def test_frames_that_a_guest_may_have_sent_are_likely_at_most(rules: RuleSet, bridged: bool, expected: str) -> None:
    with running_network() as network:
        if bridged:
            network.host.run("ip", "link", "add", "guests0", "type", "bridge")
        script = RAW_FRAMES.replace("HOST", HOST)
        told = watch(network, rules, lambda: network.host.run(sys.executable, "-c", script), 5.0)
        assert [finding.confidence for finding in told.findings] == [expected]
        assert ("guest" in told.findings[0].because) == bridged
