import csv
import json
import os
import zipfile
from pathlib import Path

import pytest
import rich_click as click

from codered.cli.evidencing import make_teller, name_user, parse_size
from codered.evidence.custody import read_entries
from codered.evidence.standalone_verifier import verify_container
from codered.model.errors import WrongUse
from codered.scan.evidence_gathering import EvidenceProgress
from tests.fixtures.evidence import make_container, open_container, read_manifest
from tests.fixtures.saying import Say


@pytest.fixture
def collected(say: Say, plan: Path, report: Path) -> Path:
    """The container for the infected volume."""
    answer = say("evidence", "collect", "--plan", plan, "--report", report, "--by", "anna", "--authority", "case 7")
    assert answer.code == 0, answer.err
    return Path(answer.out.strip())


def test_collecting_says_what_was_kept_and_the_head(say: Say, plan: Path, tmp_path: Path) -> None:
    answer = say("evidence", "collect", "--plan", plan, "--json", "-o", tmp_path / "here")
    assert answer.code == 0
    summary = json.loads(answer.out)
    assert Path(summary["folder"]).parent == tmp_path / "here"
    assert summary["head"] in answer.err
    assert "of evidence at most" in answer.err
    assert verify_container(summary["folder"], head=summary["head"]).problems == []


@pytest.mark.parametrize(
    ("kind", "what", "next_command"),
    [
        ("disk_image", "an image", "codered scan --root FOLDER"),
        ("memory_dump", "a memory dump", "on the host itself: codered scan -o"),
        ("traffic_files", "recorded traffic", "on the host itself: codered scan -o"),
    ],
)
def test_what_is_evidence_by_itself_is_refused_with_the_next_command(
    say: Say, plan: Path, report: Path, tmp_path: Path, kind: str, what: str, next_command: str
) -> None:
    for word, path in (("--plan", plan), ("--report", report)):
        whole = json.loads(path.read_text())
        whole["target"]["kind"] = kind
        path.write_text(json.dumps(whole))
        answer = say("evidence", "collect", word, path, "-o", tmp_path / "here")
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
        assert f"{what} is evidence as it is" in answer.err
        assert next_command in answer.err
        assert "overlay" not in answer.err
    assert not (tmp_path / "here").exists()


def test_a_container_is_listed_verified_and_handed_over(say: Say, collected: Path) -> None:
    listed = say("evidence", "list")
    assert (listed.code, listed.out.count("\n")) == (0, 1)
    assert str(collected) in listed.out
    (row,) = json.loads(say("evidence", "list", "--json").out)["containers"]
    assert (row["state"], row["folder"]) == ("sealed", str(collected))
    assert say("evidence", "transfer", collected, "--to", "court", "--why", "trial", "--by", "anna").code == 0
    last = read_entries(collected)[-1]
    assert (last.what, last.who, last.giver, last.receiver, last.why) == ("transfer", "anna", "anna", "court", "trial")
    assert last.sha256_before == last.sha256_after != ""
    answer = say("evidence", "verify", collected, "--key", collected / "host.pub", "--head", last.hash)
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "as it was sealed")


def test_one_changed_byte_is_named_and_nothing_is_exported(say: Say, collected: Path, tmp_path: Path) -> None:
    item = next((collected / "items").iterdir())
    raw = item.read_bytes()
    item.write_bytes(bytes((raw[0] ^ 1,)) + raw[1:])
    answer = say("evidence", "verify", collected)
    assert answer.code == 1
    assert f"WRONG: items/{item.name}: is not what was collected" in answer.out
    assert json.loads(say("evidence", "verify", collected, "--json").out)["ok"] is False
    assert say("evidence", "export", collected, "--zip", tmp_path / "c.zip").code == 4
    assert not (tmp_path / "c.zip").exists()


@pytest.mark.parametrize("empty", ["", "  "])
def test_custody_takes_no_empty_fields(say: Say, tmp_path: Path, empty: str) -> None:
    container = make_container(tmp_path)
    before = read_entries(container)
    for words in (("--to", empty, "--why", "trial"), ("--to", "court", "--why", empty)):
        answer = say("evidence", "transfer", container, *words)
        assert answer.code == 2
        assert "is empty" in answer.err
    assert read_entries(container) == before


def test_an_offline_tree_is_not_called_by_this_hosts_name(say: Say, collected: Path) -> None:
    heading = read_manifest(collected).heading
    assert (heading.host, heading.collected_on) == ("", os.uname().nodename)
    told = f"items of the tree {heading.root}, collected on {os.uname().nodename}"
    assert told in say("evidence", "list").out
    assert told in say("evidence", "verify", collected).out


@pytest.mark.parametrize("url", ["banana", "", "ftp://tsa", "http://", "http://tsa:banana/"])
def test_an_address_that_is_none_is_refused_before_anything_is_collected(
    say: Say, plan: Path, tmp_path: Path, url: str
) -> None:
    answer = say("evidence", "collect", "--plan", plan, "--tsa", url, "-o", tmp_path / "here")
    assert answer.code == 2
    assert "is no http or https address" in answer.err
    assert not (tmp_path / "here").exists()


@pytest.mark.parametrize("word", ["export", "transfer"])
def test_a_log_whose_last_entry_was_cut_off_is_mended_by_the_next_one(
    say: Say, collected: Path, tmp_path: Path, word: str
) -> None:
    assert say("evidence", "transfer", collected, "--to", "court", "--why", "trial").code == 0
    log = collected / "custody.jsonl"
    log.write_bytes(log.read_bytes()[:-20])
    assert say("evidence", "verify", collected).code == 1
    words = ("--zip", tmp_path / "c.zip") if word == "export" else ("--to", "court", "--why", "trial")
    answer = say("evidence", word, collected, *words, "--by", "bob")
    assert answer.code == 0, answer.err
    assert [(one.what, one.who) for one in read_entries(collected)[-2:]] == [("open", "bob"), (word, "bob")]
    assert say("evidence", "verify", collected).code == 0


def test_exports_are_written_and_entered_in_the_log(say: Say, collected: Path, tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("c.zip", "c.json", "c.csv", "plain")]
    words = [word for pair in zip(("--zip", "--stix", "--csv", "--plain"), names, strict=True) for word in pair]
    answer = say("evidence", "export", collected, *words)
    assert answer.code == 0, answer.err
    assert read_entries(collected)[-1].what == "export"
    assert say("evidence", "verify", names[0]).code == 0
    assert json.loads(names[1].read_text())["type"] == "bundle"
    assert names[2].read_text().startswith("time_utc,")
    items = read_manifest(collected).items
    assert sorted(os.listdir(names[3])) == [*(item.id for item in items), "index.csv"]
    listed = list(csv.DictReader((names[3] / "index.csv").open(newline="")))
    assert [(row["item"], row["sha256"]) for row in listed] == [(item.id, item.sha256) for item in items]
    assert len(zipfile.ZipFile(names[0]).namelist()) == len(items) + 5
    again = say("evidence", "export", collected, *words)
    assert again.code == 2
    assert "is there already" in again.err
    assert say("evidence", "export", collected).code == 2


def test_the_budget_is_kept_and_yes_goes_over_it(say: Say, plan: Path) -> None:
    answer = say("evidence", "collect", "--plan", plan, "--budget", "1KiB")
    assert answer.code == 4
    assert "raise it with --budget" in answer.err
    assert say("evidence", "collect", "--plan", plan, "--budget", "1KiB", "--yes").code == 0


def test_unfinished_and_damaged_containers_are_told(say: Say, tmp_path: Path) -> None:
    container = open_container(tmp_path)
    container.abandon()
    (make_container(tmp_path) / "custody.jsonl").write_bytes(b"{}\n")
    rows = json.loads(say("evidence", "list", "--json", "-o", tmp_path / "evidence").out)["containers"]
    assert {row["state"] for row in rows} == {"unfinished", "damaged"}
    assert say("evidence", "list", "-o", tmp_path / "evidence").out.count("\n") == 2
    answer = say("evidence", "verify", container.folder)
    assert answer.code == 1
    assert "unfinished" in answer.out


def test_what_is_no_container_or_key_is_wrong_use(say: Say, tmp_path: Path) -> None:
    assert say("evidence", "verify", tmp_path / "none").code == 2
    container = make_container(tmp_path)
    assert say("evidence", "verify", container, "--key", container / "README.txt").code == 2
    assert say("evidence", "transfer", tmp_path, "--to", "x", "--why", "y").code == 2
    assert say("evidence", "collect", "--budget", "lots").code == 2


@pytest.mark.parametrize(
    ("text", "size"),
    [("1", 1), ("0", 0), ("7B", 7), ("2K", 2 << 10), ("2GiB", 2 << 30), ("500MB", 500 << 20), ("500m", 500 << 20),
     ("500 MB", 500 << 20), (" 3 k ", 3 << 10), (" 1T ", 1 << 40), ("1TiB", 1 << 40)],
)  # fmt: skip
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text",
    ["", "-1", "1.5G", "2X", "2 GB or so", "5iB", "٣GiB", "3\N{KELVIN SIGN}", "1PiB", "9" * 20, "9" * 40, "1\nG\n2"],
)
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(WrongUse, match="is no size") as caught:
        parse_size(text)
    assert "\n" not in str(caught.value)


def test_who_collects_is_told_with_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "an\nna")
    assert "@" in name_user()
    assert name_user().endswith("(sudo of an\\nna)")


def test_a_stage_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    tell = make_teller()
    for number in range(3):
        tell(EvidenceProgress("files", number, number, 10))
    assert capsys.readouterr().err.count("files") == 1


def test_on_a_terminal_somebody_is_asked(say: Say, plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.cli.evidencing._is_attended", lambda: True)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: True)
    assert say("evidence", "collect", "--plan", plan, "--budget", "1KiB").code == 0
    monkeypatch.setattr(click, "confirm", lambda *_, **__: False)
    assert say("evidence", "collect", "--plan", plan, "--budget", "1KiB").code == 4


def test_a_stamp_that_is_not_to_be_had_leaves_the_container_and_says_so(say: Say, plan: Path) -> None:
    answer = say("evidence", "collect", "--plan", plan, "--tsa", "http://127.0.0.1:1/")
    assert answer.code == 3
    assert "no time stamp" in answer.err
    assert verify_container(answer.out.strip()).problems == []
