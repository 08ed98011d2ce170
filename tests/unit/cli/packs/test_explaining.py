from pathlib import Path

import msgspec

from tests.fixtures.saying import Say


def test_a_sign_and_a_finding_are_explained(say: Say, report: Path) -> None:
    told = say("packs", "explain", "codered2/root-exe")
    assert told.code == 0
    assert "quarantine_file" in told.out
    finding = msgspec.json.decode(report.read_bytes())["findings"][0]
    told = say("packs", "explain", finding["id"], "--report", report)
    assert told.code == 0
    assert told.out.startswith("what:")


def test_what_is_not_there_is_refused(say: Say, report: Path) -> None:
    assert "there is no such sign" in say("packs", "explain", "codered2/nosuch").err
    assert "no finding of this id" in say("packs", "explain", "zzz", "--report", report).err
    answer = say("packs", "explain", "0123456789ab")
    assert (answer.code, "--report" in answer.err) == (2, True)
