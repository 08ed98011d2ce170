"""`codered hosts resolve` as it is typed, where nobody answers: loopback alone is asked."""

from pathlib import Path

import msgspec
import pytest

from codered_hq.cli.host_resolving import ResolveOutcome
from tests.fixtures.inventories import make_host
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_silence_is_counted_with_its_reason(say: Say, headquarters: Path) -> None:
    headquarters.mkdir()
    (headquarters / "headquarters.toml").write_text('[names]\ndns = ["127.0.0.1"]\nwins = ["127.0.0.1"]\n')
    make_host("web", "127.0.0.9")
    outcome = msgspec.json.decode(say("hosts", "resolve", "--json").out, type=ResolveOutcome)
    assert [(way.way, way.asked, way.answered, sum(way.reasons.values())) for way in outcome.ways] == [
        ("node status", 1, 0, 1), ("reverse DNS", 1, 0, 1), ("WINS", 0, 0, 0),
    ]  # fmt: skip
    told = say("hosts", "resolve", "--range", "127.0.0.8/30")
    assert (told.code, "node status: 0 of 2 answered" in told.out) == (0, True)


def test_bad_input(say: Say) -> None:
    for words, text in (
        (("--range", "10.0.0.0/8"), "more than 65,536"),
        (("--range", "x"), "no address or range"),
        ((), "no address to ask"),
    ):
        answer = say("hosts", "resolve", *words)
        assert (answer.code, text in answer.err) == (2, True), answer


def test_in_a_drill_nobody_is_asked(say: Say, headquarters: Path) -> None:
    headquarters.mkdir()
    (headquarters / "headquarters.toml").write_text('exercise = "simulated"\n')
    make_host("web", "127.0.0.9")
    answer = say("hosts", "resolve")
    assert (answer.code, "the machines are played: nobody is asked" in answer.err) == (2, True), answer
