from pathlib import Path

import msgspec
import pytest

from codered.export.controls import access_lists
from codered.export.controls.orders import PLATFORMS
from codered.model.report import TrafficSummary
from tests.fixtures.saying import Say
from tests.unit.export.controls.test_reported import make_finding, make_report, make_scanner


@pytest.fixture
def outbreak(tmp_path: Path) -> Path:
    """A saved report of an infected host and a stranger."""
    findings = (make_finding("10.0.0.5"), make_finding("203.0.113.5", internal=False))
    path = tmp_path / "outbreak.json"
    summary = TrafficSummary(scanners=(make_scanner("10.0.0.5", ports=(8888,)),))
    path.write_bytes(msgspec.json.encode(make_report(findings=findings, traffic=summary)))
    return path


def test_a_report_names_the_host_and_its_threat_the_ports(say: Say, outbreak: Path) -> None:
    answer = say("contain", "suggest", outbreak)
    assert (answer.code, answer.err) == (0, "")
    assert " deny tcp host 10.0.0.5 any eq 80\n" in answer.out, "the ports of the pack, not those tried"
    assert "delete table inet codered-infected\n" in answer.out
    assert "203.0.113.5" not in answer.out
    assert "203.0.113.5" in say("contain", "suggest", outbreak, "--attackers").out


def test_ports_may_be_named(say: Say, outbreak: Path) -> None:
    words = ("contain", "suggest", outbreak, "--for", "cisco")
    assert " any range 8000 8010\n" in say(*words, "--block", "tcp:8000-8010").out
    assert " deny tcp host 10.0.0.5 any eq 6379\n" in say(*words, "--pack", "kinsing").out
    assert say(*words, "--pack", "react2shell").code == 2
    assert say(*words, "--block", "x").code == 2


def test_one_document(say: Say) -> None:
    answer = say("contain", "suggest", "--address", "192.0.2.0/24", "--for", "openc2,windows", "--json")
    document = msgspec.json.decode(answer.out)
    assert [control["platform"] for control in document["controls"]] == ["openc2", "windows"]
    assert (answer.code, document["format"]) == (0, "codered/controls/1")


def test_all_platforms_as_files_and_nothing_is_written_over(say: Say, outbreak: Path, tmp_path: Path) -> None:
    folder = tmp_path / "controls"
    words = ("contain", "suggest", outbreak, "--for", "all", "--allow", "10.0.0.0/24", "-o", folder)
    answer = say(*words)
    assert (answer.code, answer.out) == (0, "")
    names = {path.name for path in folder.iterdir()}
    assert len([name for name in names if name.endswith(".notes.txt")]) == len(PLATFORMS)
    assert {"contain-on.ps1", "contain-confirm.ps1", "contain-off.ps1"} <= names
    assert "'10.0.0.0/24'" in (folder / "contain-on.ps1").read_text()
    again = say(*words)
    assert again.code == 2
    assert "is there already" in again.err
    assert say(*words[:-1], tmp_path / "none/there").code == 2


def test_of_all_platforms_those_that_do_not_fit_are_left_out_and_told(say: Say) -> None:
    answer = say("contain", "suggest", "--address", "2001:db8::5", "--for", "all", "--json")
    made = {control["platform"] for control in msgspec.json.decode(answer.out)["controls"]}
    assert set(PLATFORMS) - made == {"cisco_rate", "juniper_rate"}
    assert answer.err.count("left out") == 2


def test_without_aerleon_the_rest_is_made_and_it_is_said(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_lists, "HAS_AERLEON", False)
    words = ("contain", "suggest", "--address", "192.0.2.5", "--for")
    answer = say(*words, "cisco,openc2")
    assert answer.code == 3
    assert "codered-detect[controls]" in answer.err
    assert "2. " not in answer.out
    assert say(*words, "cisco").code == 3


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--address", "0.0.0.0/0"),
        ("--address", "x; reboot"),
        ("--address", "192.0.2.5", "--for", "openbsd"),
        ("--address", "192.0.2.5", "--for", ""),
        ("--address", "192.0.2.5", "--inside", "a b"),
        ("--address", "192.0.2.5", "--confirm-within", "x"),
        ("--address", "192.0.2.5", "--allow", "x"),
        ("/nowhere/report.json",),
    ],
)
def test_wrong_words_are_one_line(say: Say, words: tuple[str, ...]) -> None:
    answer = say("contain", "suggest", *words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1


def test_a_report_without_an_address_says_what_to_do(say: Say, report: Path) -> None:
    answer = say("contain", "suggest", report)
    assert answer.code == 2
    assert "--address" in answer.err
    named = say("contain", "suggest", report, "--address", "192.0.2.5", "--for", "cisco")
    assert named.code == 0
