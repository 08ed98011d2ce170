from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from codered.detect.nearness import WITHIN, raise_by_time
from codered.model.finding import Confidence, Finding, Layer, Subject, SubjectKind
from codered.model.heuristics import HEURISTICS

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def make_finding(
    kind: SubjectKind,
    confidence: Confidence,
    seen: datetime | None,
    *,
    pack: str = HEURISTICS,
    layer: Layer = "accounts",
) -> Finding:
    subject = Subject(kind=kind, key="name", path="/etc/x", line=1)
    return Finding(
        id=f"{kind}{confidence}", pack=pack, indicator="i", layer=layer, subject=subject, confidence=confidence,
        severity="low", because="it is new", first_seen=seen,
    )  # fmt: skip


INFECTION = make_finding("process", "likely", NOON, pack="worm", layer="processes")


@pytest.mark.parametrize("kind", ["autostart", "account", "key"])
@pytest.mark.parametrize("apart", [timedelta(), WITHIN, -WITHIN])
def test_what_changed_in_the_hour_of_an_infection_is_likely(kind: SubjectKind, apart: timedelta) -> None:
    raised = raise_by_time((INFECTION, make_finding(kind, "suspicious", NOON + apart)))[1]
    assert raised.confidence == "likely"
    assert raised.because == "it is new; it changed within an hour of process None name, /etc/x"


@pytest.mark.parametrize(
    "finding",
    [
        make_finding("key", "suspicious", NOON + WITHIN + timedelta(seconds=1)),
        make_finding("key", "suspicious", None),  # one of several in a file: which one is new can not be told
        make_finding("key", "suspicious", NOON, pack="worm"),
        replace(make_finding("autostart", "suspicious", NOON), near=False),
        make_finding("process", "suspicious", NOON),
        make_finding("file", "suspicious", NOON),
    ],
)
def test_everything_else_stays_as_it_is(finding: Finding) -> None:
    assert raise_by_time((INFECTION, finding)) == (INFECTION, finding)


@pytest.mark.parametrize(
    "anchor",
    [
        make_finding("process", "suspicious", NOON, layer="processes"),
        make_finding("address", "confirmed", NOON, pack="worm", layer="logs"),
        make_finding("process", "likely", None, layer="processes"),
    ],
)
def test_only_a_dated_likely_finding_of_the_host_raises_others(anchor: Finding) -> None:
    key = make_finding("key", "suspicious", NOON)
    assert raise_by_time((anchor, key)) == (anchor, key)


def test_of_several_lines_of_a_file_none_is_raised() -> None:
    """The intruder's line makes the file new, and the administrator's looks as new."""
    ours = make_finding("autostart", "suspicious", NOON)
    theirs = make_finding("autostart", "likely", NOON)
    theirs = replace(theirs, subject=replace(theirs.subject, line=2))
    assert raise_by_time((INFECTION, ours, theirs))[1] == ours
    again = replace(ours, pack="worm")  # the same line by another sign
    assert raise_by_time((INFECTION, ours, again))[1].confidence == "likely"
    elsewhere = replace(theirs, subject=replace(theirs.subject, path="/etc/y"))
    assert raise_by_time((INFECTION, ours, elsewhere))[1].confidence == "likely"


def test_what_was_raised_raises_nothing_further() -> None:
    near = make_finding("key", "suspicious", NOON + WITHIN)
    far = make_finding("account", "suspicious", NOON + 2 * WITHIN)
    assert [item.confidence for item in raise_by_time((INFECTION, near, far))] == ["likely", "likely", "suspicious"]
