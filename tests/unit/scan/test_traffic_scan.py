import ipaddress
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.cli import running
from codered.model.errors import WrongUse
from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.scan import traffic_scan
from codered.scan.confined_workers import UNCONFINED, WHERE
from codered.scan.request import Progress
from codered.scan.traffic_scan import TrafficOrder, scan_traffic
from codered.system import confining
from tests.fixtures.capture_files import (
    ACK,
    ETHERNET,
    FIN,
    RST,
    frame,
    make_connection,
    make_pcap,
    make_tcp,
    write_pcap,
)
from tests.fixtures.outbreaks import BEGAN, FIRST, SECOND, STRANGER, make_outbreak, make_scan, write_outbreak


@pytest.fixture(scope="module")
def rules(rule_cache: Path) -> Iterator[RuleSet]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODERED_CACHE", str(rule_cache))
        yield running.load_rules(whole=False)


def scan(rules: RuleSet, *paths: Path, internal: tuple[str, ...] = ()) -> Report:
    networks = tuple(ipaddress.ip_network(text) for text in internal)
    return scan_traffic(TrafficOrder(tuple(os.fsencode(path) for path in paths), internal=networks), rules)


def test_an_outbreak_is_told_with_who_infected_whom(rules: RuleSet, tmp_path: Path) -> None:
    report = scan(rules, write_outbreak(tmp_path / "x.pcap"))
    assert report.verdict == "infected"
    assert report.target.kind == "traffic_files"
    found = {(one.layer, one.subject.address): one for one in report.findings}
    assert set(found) == {("network", FIRST), ("network", SECOND), ("traffic", FIRST), ("traffic", STRANGER)}
    assert found["traffic", FIRST].pack == "codered"
    assert {one.confidence for one in report.findings} == {"confirmed"}
    assert found["traffic", FIRST].evidence[0].data == b"GET /default.ida?" + b"N" * 224 + b"%u9090 HTTP/1.0"[:15]
    assert report.traffic is not None
    assert [(one.source, one.target) for one in report.traffic.passings if one.sent_on] == [
        (STRANGER, FIRST), (FIRST, SECOND),
    ]  # fmt: skip
    assert [(one.actor.address, one.attempts, one.ports) for one in report.traffic.scanners] == [
        (FIRST, 61, (80,)), (SECOND, 60, (80,)),
    ]  # fmt: skip
    assert report.traffic.attempts == 122
    assert report.traffic.packets == len(make_outbreak())
    assert 20 < report.traffic.seconds < 30
    assert (
        sum(report.traffic.minutes.values()) == 121 + 1
    )  # the stranger only asks; the requests of the others are in their attempts


def test_several_files_are_one_story(rules: RuleSet, tmp_path: Path) -> None:
    packets = make_outbreak()
    whole = scan(rules, write_outbreak(tmp_path / "whole.pcap"))
    parts = tmp_path / "parts"
    parts.mkdir()
    write_outbreak(parts / "a.pcap", packets[::2])
    write_outbreak(parts / "b.pcap", packets[1::2])
    for paths in ((parts,), (parts / "a.pcap", parts / "b.pcap")):
        report = scan(rules, *paths)
        assert [one.id for one in report.findings] == [one.id for one in whole.findings]
        assert report.traffic is not None
        assert report.traffic.packets == len(packets)


def test_ones_own_networks_decide_who_is_infected(rules: RuleSet, tmp_path: Path) -> None:
    path = write_outbreak(tmp_path / "x.pcap")
    report = scan(rules, path, internal=("203.0.113.0/24",))
    assert {one.subject.address for one in report.findings if one.internal} == {STRANGER}
    report = scan(rules, path, internal=("192.0.2.0/24",))
    assert report.verdict == "attacked"


def test_ordinary_traffic_is_clean(rules: RuleSet, tmp_path: Path) -> None:
    packets = [
        packet
        for number in range(40)
        for packet in make_connection(
            (FIRST, 5000 + number), (f"198.51.100.{number}", 80), BEGAN + number, sent=[b"GET / HTTP/1.1\r\n\r\n"]
        )
    ]
    report = scan(rules, write_outbreak(tmp_path / "x.pcap", sorted(packets)))
    assert (report.verdict, report.findings, report.gaps()) == ("clean", (), ())


def test_a_truncated_file_is_read_as_far_as_it_goes_and_said(rules: RuleSet, tmp_path: Path) -> None:
    path = write_outbreak(tmp_path / "x.pcap")
    path.write_bytes(path.read_bytes()[:-7])
    report = scan(rules, path)
    assert report.verdict == "infected"
    assert len(report.gaps()) == 1
    few = write_outbreak(tmp_path / "few.pcap", make_scan(FIRST, BEGAN, 2))
    few.write_bytes(few.read_bytes()[:-7])
    assert scan(rules, few).verdict == "incomplete"


def test_an_empty_capture_is_no_clean_one(rules: RuleSet, tmp_path: Path) -> None:
    report = scan(rules, write_pcap(tmp_path / "x.pcap", []))
    assert report.verdict == "incomplete"
    assert [(look.why, look.count) for look in report.gaps()] == [("there is no packet in it", 0)]


def test_what_is_no_traffic_is_refused(rules: RuleSet, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x7fELF" + bytes(100))
    with pytest.raises(WrongUse):
        scan(rules, tmp_path / "x")


@pytest.mark.parametrize("missing", [False, True])
def test_readers_that_could_not_be_confined_are_told(
    rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: bool
) -> None:
    monkeypatch.setattr("codered.collect.flows.opening.SHARE_FROM", 100)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    if missing:
        monkeypatch.setattr(confining, "LIBRARY", "libnot-there.so.9")
    path = tmp_path / "conn.log"
    head = "#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tproto\tconn_state\n"
    path.write_text(head + "900.5\t10.0.0.1\t10.0.0.2\t80\ttcp\tSF\n" * 20)
    report = scan(rules, path)
    told = [(look.state, look.why) for look in report.looks if look.where == WHERE]
    assert told == ([("skipped", f"{UNCONFINED}: {confining.NO_LIBRARY}")] if missing else [])
    assert report.verdict == "clean"


def test_an_interrupted_scan_says_so(rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic_scan, "EVENTS_BETWEEN_LOOKS", 10)
    told: list[str] = []

    def interrupt(progress: Progress) -> None:
        told.append(progress.place)
        if len(told) == 12:
            raise KeyboardInterrupt

    path = write_pcap(tmp_path / "x.pcap", [(at, frame(data)) for at, data in make_outbreak()])
    report = scan_traffic(TrafficOrder((os.fsencode(path),)), rules, interrupt)
    assert report.interrupted
    assert "stopped by the user" in report.gaps()[-1].why
    assert FIRST in {one.subject.address for one in report.findings}


def cut_directions(share: int) -> list[tuple[float, bytes]]:
    """Ordinary connections of FIRST, 60 of them; of all but `share` only what FIRST sends was captured."""
    packets = []
    for number in range(60):
        server, at = (f"198.51.100.{number + 1}", 22), BEGAN + number / 10
        both = make_connection((FIRST, 30000 + number), server, at)
        end = (at + 0.05, make_tcp((FIRST, 30000 + number), server, ACK | FIN, sequence=1001))
        packets += [*(both if number < share else both[::2]), end]
    return [(at, frame(packet)) for at, packet in packets]


def test_a_capture_of_one_direction_is_neither_a_scan_nor_clean(rules: RuleSet, tmp_path: Path) -> None:
    for share in (0, 20):
        report = scan(rules, write_pcap(tmp_path / "out.pcap", cut_directions(share)))
        assert report.findings == ()
        assert report.verdict == "incomplete"
        assert ["one direction" in look.why for look in report.gaps()] == [True]
    report = scan(rules, write_pcap(tmp_path / "in.pcap", [
        (BEGAN + number, frame(make_tcp((f"198.51.100.{number}", 80), (FIRST, 40000), RST | ACK, sequence=0)))
        for number in range(1, 100)
    ]))  # fmt: skip
    assert report.verdict == "incomplete"


def test_no_scan_is_certain_where_a_direction_is_missing(rules: RuleSet, tmp_path: Path) -> None:
    packets = sorted([*((at, frame(packet)) for at, packet in make_outbreak()), *cut_directions(0)])
    report = scan(rules, write_pcap(tmp_path / "x.pcap", packets))
    assert {one.confidence for one in report.findings if one.layer == "network"} == {"likely"}
    assert {one.confidence for one in report.findings if one.layer == "traffic"} == {"confirmed"}


@pytest.mark.parametrize("libpcap", [True, False])
@pytest.mark.parametrize(("link", "wrong"), [(ETHERNET, 101), (101, ETHERNET), (ETHERNET, 113)])
def test_a_wrong_link_type_is_not_clean(
    rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: int, wrong: int, libpcap: bool
) -> None:
    if not libpcap:
        monkeypatch.setitem(sys.modules, "pcapy", None)
    packets = [(at, frame(packet, link)) for at, packet in make_outbreak()]
    path = tmp_path / "x.pcap"
    path.write_bytes(make_pcap(packets, link=wrong))
    report = scan(rules, path, write_outbreak(tmp_path / "good.pcap"))
    whys = [look.why for look in report.gaps()]
    assert whys == [f"{len(packets)} of {len(packets)} packets are no IP: the file may name a wrong link type"]
    assert scan(rules, path).verdict == "incomplete"


def test_columns_are_for_tables(rules: RuleSet, tmp_path: Path) -> None:
    path = os.fsencode(write_outbreak(tmp_path / "x.pcap"))
    with pytest.raises(WrongUse, match="no columns"):
        scan_traffic(TrafficOrder((path,), columns="time=ts"), rules)
