import ipaddress
from datetime import UTC, datetime

import msgspec

from codered.detect.log_attackers import summarise
from codered.detect.log_sights import Example, LogTally, Sight
from codered.model.finding import Finding
from codered.model.report import judge_verdict
from tests.fixtures.log_rules import PACKS

FIRST = datetime(2001, 7, 19, 15, tzinfo=UTC)
LAST = datetime(2001, 7, 20, 1, tzinfo=UTC)
SHARED = ("codered2/root-exe", "nimda/root-exe")


def see(address: str, *signs: str, answers: dict[str, int] | None = None, forwarded: tuple[str, ...] = ()) -> Sight:
    counts = answers or {"404": 1}
    return Sight(
        address,
        signs,
        count=sum(counts.values()),
        first=FIRST,
        last=LAST,
        answers=counts,
        hours={"2001-07-19T15": sum(counts.values())},
        examples=(Example("a.log", 6, "404", b"GET /x" + b"\xff"),),
        sources=("a.log",),
        forwarded=forwarded,
    )


def find(*sights: Sight, **more: object) -> tuple[Finding, ...]:
    return summarise(LogTally(sights=list(sights)), PACKS, **more)[1]  # type: ignore[arg-type]


def test_table_and_findings_of_an_outsider() -> None:
    tally = LogTally(
        lines=50,
        hits=24,
        unparsed=1,
        left_out=2,
        sights=[see("203.0.113.7", "codered/ida-n", answers={"404": 23, "200": 1})],
    )
    summary, [finding] = summarise(tally, PACKS)
    assert (summary.lines, summary.hits, summary.unparsed_hits, summary.left_out) == (50, 24, 1, 2)
    [attacker] = summary.attackers
    assert (attacker.address, attacker.internal, attacker.count, attacker.sources) == (
        "203.0.113.7",
        False,
        24,
        ("a.log",),
    )
    assert (attacker.answers, attacker.hours) == ({"200": 1, "404": 23}, {"2001-07-19T15": 24})
    assert [(t.pack, t.indicator, t.count) for t in attacker.threats] == [("codered", "ida-n", 24)]
    assert [(m.status, m.count, m.means) for m in summary.meanings] == [
        ("200", 1, "mapped and patched, or not IIS"),
        ("404", 23, "not mapped"),
    ]
    assert (finding.pack, finding.indicator, finding.layer, finding.subject.kind, finding.subject.address) == (
        "codered", "ida-n", "logs", "address", "203.0.113.7",
    )  # fmt: skip
    assert (finding.count, finding.first_seen, finding.last_seen, finding.internal) == (24, FIRST, LAST, False)
    assert (finding.confidence, finding.severity) == ("confirmed", "high")
    assert (finding.evidence[0].source, finding.evidence[0].line, finding.evidence[0].data) == (
        "a.log",
        6,
        b"GET /x\xff",
    )
    assert judge_verdict((finding,), has_gaps=False) == "attacked"


def test_an_own_address_is_suspected() -> None:
    [finding] = find(see("10.0.0.5", "codered/ida-n"))
    assert (finding.internal, finding.confidence) == (True, "likely")
    assert finding.because.startswith("Suspected infected host")
    assert judge_verdict((finding,), has_gaps=False) == "suspicious"


def test_given_networks_say_what_is_own() -> None:
    own = (ipaddress.ip_network("203.0.113.0/24"),)
    inside, outside = find(see("203.0.113.7", "codered/ida-n"), see("10.0.0.5", "codered/ida-n"), internal=own)
    assert (inside.internal, outside.internal) == (True, False)


def test_a_proxy_is_only_suspicious_and_what_it_forwarded_is_evidence() -> None:
    [finding] = find(see("10.0.0.5", "codered/ida-n", forwarded=("203.0.113.9",)))
    assert (finding.subject.address, finding.confidence) == ("10.0.0.5", "suspicious")
    assert finding.evidence[-1].data == b"203.0.113.9"
    assert "X-Forwarded-For" in finding.evidence[-1].what


def test_an_own_visitor_is_not_called_infected() -> None:
    [finding] = find(see("10.0.0.5", "nimda/eml"))
    assert "infected host" not in finding.because
    assert finding.confidence == "suspicious"


def test_a_back_door_that_answers_is_critical_but_proves_no_infection() -> None:
    [closed] = find(see("203.0.113.7", *SHARED))
    [opened] = find(see("203.0.113.7", *SHARED, answers={"404": 3, "200": 1}))
    assert (closed.severity, opened.severity) == ("high", "critical")
    assert (opened.pack, opened.shared_by) == ("unattributed", ("codered2", "nimda"))
    assert judge_verdict((opened,), has_gaps=False) == "attacked"


def test_sights_of_one_sign_become_one_finding() -> None:
    [finding, other] = find(see("203.0.113.7", *SHARED), see("203.0.113.7", *SHARED, "nimda/traversal"))
    assert {(f.pack, f.indicator, f.count) for f in (finding, other)} == {
        ("nimda", "root-exe", 1),
        ("nimda", "traversal", 1),
    }
    [same] = find(see("203.0.113.7", "nimda/traversal"), see("203.0.113.7", "gone/x", "nimda/traversal"))
    assert (same.count, same.answers) == (2, {"404": 2})


def test_own_addresses_stand_first_then_the_busiest() -> None:
    tally = LogTally(
        sights=[
            see("203.0.113.1", "codered/ida-n"),
            see("203.0.113.2", "codered/ida-n", answers={"404": 9}),
            see("10.0.0.1", "codered/ida-n"),
            see("203.0.113.3", "gone/x"),
        ]
    )
    assert [attacker.address for attacker in summarise(tally, PACKS)[0].attackers] == [
        "10.0.0.1",
        "203.0.113.2",
        "203.0.113.1",
    ]


def test_answers_have_meanings_by_class_too_and_error_logs_have_none() -> None:
    summary, _ = summarise(LogTally(sights=[see("a", "codered/ida-n", answers={"503": 2, "": 5, "301": 1})]), PACKS)
    assert [(m.status, m.count, m.means) for m in summary.meanings] == [
        ("301", 1, "the pack knows no meaning of this answer"),
        ("503", 2, "mapped and patched, or not IIS"),
    ]
    assert summary.attackers[0].answers == {"301": 1, "503": 2}


def test_hostile_addresses_survive_json() -> None:
    summary, findings = summarise(LogTally(sights=[see("<script>\x00\xff", "codered/ida-n")]), PACKS)
    assert findings[0].subject.address == "<script>\x00\xff"
    assert msgspec.json.encode(summary)


def test_ids_are_stable_and_differ() -> None:
    one, two = find(see("203.0.113.7", "codered/ida-n"), see("203.0.113.8", "codered/ida-n"))
    assert one.id != two.id
    assert find(see("203.0.113.7", "codered/ida-n"))[0].id == one.id


def test_no_attack_no_rows() -> None:
    summary, findings = summarise(LogTally(lines=3), PACKS)
    assert (summary.lines, summary.attackers, summary.meanings, findings) == (3, (), (), ())


def test_what_looks_like_a_sweep_of_ours_is_listed_and_suspected_of_nothing() -> None:
    for address in ("10.0.0.5", "203.0.113.7"):
        sweep = see(address, *SHARED, answers={"404": 2})
        sweep.swept = 2
        summary, [finding] = summarise(LogTally(sights=[sweep]), PACKS)
        assert [(attacker.address, attacker.like_sweep) for attacker in summary.attackers] == [(address, True)]
        assert finding.confidence == "suspicious"
        assert finding.because.startswith("Looks like a sweep by this tool")
        assert "Anybody can write that" in finding.because
        assert "infected host" not in finding.because


def test_a_back_door_that_answers_a_sweep_is_open_whoever_asked() -> None:
    for address in ("10.0.0.5", "203.0.113.7"):
        sweep = see(address, *SHARED, answers={"404": 1, "200": 1})
        sweep.swept = 2
        [finding] = find(sweep)
        assert (finding.confidence, finding.severity) == ("likely", "critical")
        assert finding.because.startswith("Looks like a sweep by this tool")
        assert "answered as if the back door existed here" in finding.because
        assert "infected host of yours" not in finding.because


def test_one_request_more_and_the_name_of_a_sweep_hides_nothing() -> None:
    sweep, worm = see("10.0.0.5", *SHARED), see("10.0.0.5", "codered/ida-n")
    sweep.swept = 1
    summary, findings = summarise(LogTally(sights=[sweep, worm]), PACKS)
    assert [attacker.like_sweep for attacker in summary.attackers] == [False]
    assert {finding.indicator: finding.confidence for finding in findings}["ida-n"] == "likely"
    half = see("10.0.0.5", *SHARED, answers={"404": 2})
    half.swept = 1
    [finding] = find(half)
    assert finding.confidence == "likely"
    assert finding.because.startswith("Suspected infected host")
