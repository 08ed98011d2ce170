import pytest

from codered.detect import traffic_summary
from codered.detect.traffic_story import TrafficStory
from codered.detect.traffic_summary import Judged, draw_picture
from tests.unit.detect.test_traffic_ground import make_ground
from tests.unit.detect.test_traffic_scanners import OWN, STRANGE, tally, verdict
from tests.unit.detect.test_traffic_story import B, C, request


def make_story() -> TrafficStory:
    """STRANGE infects OWN, OWN goes on with B; C, which had begun before, gets it too."""
    story = TrafficStory(make_ground().signs)
    for at, actor, to in ((500.0, STRANGE, OWN), (900.0, C, STRANGE), (1005.0, OWN, B), (1006.0, OWN, C)):
        story.take(request(at, actor, to))
    return story


def test_scanners_attackers_and_findings() -> None:
    judged = Judged((verdict(confidence="confirmed"), verdict(kind="request", signs=("worm/get",))), (tally(),))
    picture = draw_picture(judged, make_story(), make_ground())
    (scanner,) = picture.summary.scanners
    assert (scanner.attempts, scanner.ports) == (101, (80,))
    assert [(one.address, one.internal, one.count) for one in picture.summary.attackers] == [
        ("10.0.0.1", True, 2), ("10.0.0.3", True, 1), ("203.0.113.9", False, 1),
    ]  # fmt: skip
    assert picture.summary.attackers[0].threats[0].pack == "worm"
    assert picture.summary.attackers[0].hours == {"1970-01-01T00": 2}
    found = {(finding.layer, finding.subject.address): finding for finding in picture.findings}
    assert set(found) == {("network", "10.0.0.1"), ("traffic", "10.0.0.1"), ("traffic", "10.0.0.3"),
                          ("traffic", "203.0.113.9")}  # fmt: skip
    assert found["traffic", "10.0.0.1"].confidence == "likely"  # what the detector said of it


def test_who_infected_whom() -> None:
    judged = Judged((verdict(),), (tally(),))
    passings = draw_picture(judged, make_story(), make_ground()).summary.passings
    told = {(one.source, one.target): one.sent_on.timestamp() if one.sent_on else None for one in passings}
    assert told == {
        ("203.0.113.9", "10.0.0.1"): 1000.0,  # its scan began then
        ("10.0.0.3", "203.0.113.9"): 500.0,  # before it got it: no infection
        ("10.0.0.1", "10.0.0.2"): None,
        ("10.0.0.1", "10.0.0.3"): 900.0,
    }
    assert [one.at for one in passings] == sorted(one.at for one in passings)
    assert {one.pack for one in passings} == {"worm"}


def test_minutes_hold_the_scans_what_was_only_counted_and_the_requests_of_those_who_do_not_scan() -> None:
    judged = Judged(
        (verdict(),),
        (tally(), tally(port=8080), tally(STRANGE)),  # the minutes are those of all ports of an actor
        {(OWN, 80, "tcp", 16): 9, (STRANGE, 80, "tcp", 16): 1000},
    )
    summary = draw_picture(judged, make_story(), make_ground()).summary
    assert summary.minutes == {"1970-01-01T00:08": 1, "1970-01-01T00:15": 1, "1970-01-01T00:16": 101 + 9}
    assert summary.scanners[0].attempts == 110


def test_what_had_no_room_is_told_and_the_best_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic_summary, "MOST_PASSINGS", 1)
    monkeypatch.setattr(traffic_summary, "MOST_MINUTES", 1)
    story = make_story()
    story.left_out, story.pairs_left_out = 3, 4
    summary = draw_picture(Judged((verdict(),), (tally(),)), story, make_ground()).summary
    assert [(one.source, one.target) for one in summary.passings] == [("203.0.113.9", "10.0.0.1")]
    assert list(summary.minutes) == ["1970-01-01T00:16"]
    assert [text.split()[0] for text in summary.forgotten] == ["3", "4"]


def test_nothing_is_nothing() -> None:
    picture = draw_picture(Judged(), TrafficStory({}), make_ground())
    assert picture.findings == ()
    assert picture.summary == type(picture.summary)()
