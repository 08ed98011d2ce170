from msgspec.structs import replace

from codered.export.writing.traffic_words import (
    WHO,
    is_of_stranger,
    list_scanner_cells,
    name_ports,
    name_scanner,
    rank_passings,
    rank_scanners,
    tell_extent,
    tell_infected_hosts,
    tell_passing,
    tell_strangers,
    tell_suspect_hosts,
)
from codered.model.report import TrafficSummary
from tests.fixtures.outbreak_reports import OWN, TOOL, make_outbreak, make_outbreak_report, make_scanner

REPORT = make_outbreak_report()


def test_scanners_are_ranked_ones_own_first_and_the_allowed_last() -> None:
    assert [name_scanner(one) for one in rank_scanners(REPORT)] == ["10.0.0.5", "203.0.113.9", "process 12 nessusd"]
    assert rank_scanners(replace(REPORT, traffic=None)) == ()


def test_cells() -> None:
    cells = dict(zip(WHO, list_scanner_cells(make_scanner(OWN)), strict=True))
    assert cells["Port"] == "tcp 80 and 8080"
    assert (cells["Attempts"], cells["A second"], cells["Chosen"]) == ("1,200", "14.0", "near itself")
    assert list_scanner_cells(make_scanner(TOOL, allowed="x"))[2] == "allowed"
    assert name_ports(replace(make_scanner(OWN), protocol="arp", ports=(0,))) == "arp"
    assert name_ports(replace(make_scanner(OWN), ports=tuple(range(9)))) == "tcp 0, 1, 2, 3 and 5 others"


def test_passings() -> None:
    said = [tell_passing(one, {"codered2": "Code Red II"}) for one in rank_passings(make_outbreak().passings)]
    assert said[0].startswith("2026-03-04 05:06:07  203.0.113.9 sent Code Red II to 10.0.0.5, which went on from")
    assert said[2].endswith("which was not seen to go on with it")
    assert said[3].endswith("which had begun before")


def test_how_much_was_seen() -> None:
    assert tell_extent(REPORT) == "120,000 packets over 3 min 20 s, 2,500 connection attempts"
    nothing = replace(REPORT, traffic=TrafficSummary())
    assert tell_extent(nothing) == "no packet and no record"
    target = replace(REPORT.target, kind="live_linux")
    live = replace(REPORT, target=target, traffic=TrafficSummary(seconds=10.0, attempts=1))
    assert tell_extent(live) == "10 s of what this host reaches for, 1 connection attempt"


def test_sentences() -> None:
    assert tell_infected_hosts(REPORT) == (
        "1 host of your own (10.0.0.5) attacks others and scans, confirmed: treat it as an infected host."
    )
    two = replace(REPORT, findings=(*REPORT.findings, replace(
        REPORT.findings[0], subject=replace(REPORT.findings[0].subject, address="10.0.0.9"), confidence="likely",
    )))  # fmt: skip
    assert tell_infected_hosts(two) == (
        "2 hosts of your own (10.0.0.5 and 10.0.0.9) attack others and scan, 1 of them confirmed: "
        "treat them as infected hosts."
    )
    assert "10.0.0.5) behaves as an infected host may" in tell_suspect_hosts(REPORT)
    strangers = replace(REPORT, findings=REPORT.findings[2:])
    assert tell_strangers(strangers).startswith("1 address scanned; nothing here says")
    assert [is_of_stranger(finding) for finding in REPORT.findings] == [False, False, True]
