import json
from pathlib import Path

import pytest

from codered.export.indicators.forms import FORMS
from codered.export.reports import RENDERERS
from codered.model.report import LogSummary
from tests.fixtures.saying import Say
from tests.unit.export.controls.test_reported import make_attacker, make_report


def read_all(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_forms_are_written_the_same_each_time(say: Say, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two" / "deep"
    said = say("packs", "export", "codered", "nimda", "--to", one)
    assert said.code == 0
    assert f"{one}/yara/files/nimda.yar" in said.out
    assert "Suricata (NOT VALIDATED" in said.out
    assert "ClamAV (validated by ClamAV" in said.out
    assert "left out:" in said.out
    assert "2 packs," in said.err
    assert say("packs", "export", "nimda", "codered", "--to", two).code == 0
    written = read_all(one)
    assert read_all(two) == written
    assert say("packs", "export", "codered", "nimda", "--to", one).code == 0  # over its own files
    assert read_all(one) == written
    assert {path.split("/")[0] for path in written} - {"left-out.json", "blocklists"} == set(FORMS) - {"blocklists"}
    left = json.loads(written["left-out.json"])
    assert set(left) == set(FORMS)
    assert {
        "sign": "codered/ida-error",
        "why": "logs: what a server writes into its error log is never on the wire",
    } in (left["suricata"])


def test_one_form_as_json_and_folders_of_packs(say: Say, tmp_path: Path) -> None:
    said = say("packs", "export", "packs/codered", "--as", "yara", "--as", "nmap", "--to", tmp_path / "x", "--json")
    told = {form["form"]: form for form in json.loads(said.out)}
    assert set(told) == {"yara", "nmap"}
    assert told["nmap"]["files"] == ["nmap/codered-codered.nse", "nmap/codered-codered-home-page.nse"]
    assert told["yara"]["validated_by"].startswith("YARA 4.2")
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == ["left-out.json", "nmap", "yara"]


def test_blocklists_from_a_report(say: Say, tmp_path: Path) -> None:
    path, folder = tmp_path / "r.json", tmp_path / "x"
    report = make_report(logs=LogSummary(lines=1, attackers=(make_attacker("203.0.113.7"),)))
    path.write_text(RENDERERS["json"](report))
    assert say("packs", "export", "codered", "--as", "blocklists", "--report", path, "--to", folder).code == 0
    assert "203.0.113.7" in (folder / "blocklists/addresses.txt").read_text()
    said = say("packs", "export", "codered", "--as", "yara", "--report", path, "--to", tmp_path / "y")
    assert (said.code, "--as blocklists" in said.err) == (2, True)


def test_an_imported_pack_keeps_its_strings_where_they_are_needed(say: Say, tmp_path: Path) -> None:
    rules = tmp_path / "theirs.yar"
    rules.write_text('rule Theirs { strings: $a = "inert theirs" nocase condition: uint16(0) == 0x5A4D and $a }')
    assert say("packs", "import", rules, "--name", "theirs", "--into", tmp_path / "theirs").code == 0
    said = say("packs", "export", tmp_path / "theirs", "--as", "clamav", "--to", tmp_path / "x")
    assert said.code == 0
    assert "reading the strings of 1 rules" in said.err
    written = (tmp_path / "x/clamav/codered.ldb").read_text()
    assert "CodeRed.likely.theirs.theirs;Engine:81-255,Target:0;1&0;" in written
    said = say("packs", "export", tmp_path / "theirs", "--as", "yara", "--to", tmp_path / "y")
    assert "reading the strings" not in said.err
    assert "rule Theirs" in (tmp_path / "y/yara/files/theirs.yar").read_text()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--as", "perl"), "no form is called 'perl'"),
        (("nosuchpack",), "nosuchpack"),
        (("packs/codered", "codered"), "two packs are called 'codered'"),
        (("--as", "blocklists", "--report", "/nonexistent"), "/nonexistent"),
    ],
)
def test_wrong_use_writes_nothing(say: Say, tmp_path: Path, words: tuple[str, ...], complaint: str) -> None:
    said = say("packs", "export", *words, "--to", tmp_path / "x")
    assert said.code == 2
    assert complaint in said.err
    assert not (tmp_path / "x").exists()


def test_other_things_and_links_are_left_alone(say: Say, tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "x", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / "yara").mkdir(parents=True)
    (folder / "yara" / "mine.txt").write_text("mine")
    words = ("packs", "export", "codered", "--as", "yara")
    assert "mine.txt: is none of the export's files" in say(*words, "--to", folder).err
    assert say(*words, "--to", folder, "--force").code == 0
    assert (folder / "yara" / "mine.txt").read_text() == "mine"
    link = tmp_path / "link"
    link.symlink_to(elsewhere)
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "yara").symlink_to(elsewhere)
    file = tmp_path / "file"
    file.touch()
    for bad in (link, inner, file):
        said = say(*words, "--to", bad, "--force")
        assert said.code == 2
        assert ("is no folder" if bad == file else "is a link") in said.err
    assert list(elsewhere.iterdir()) == []


def test_a_disk_that_is_full_leaves_no_half_file(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("codered.cli.packs.folder_writing.os.replace", fail)
    said = say("packs", "export", "codered", "--as", "nmap", "--to", tmp_path / "x")
    assert (said.code, "No space left on device" in said.err, "make room" in said.err) == (6, True, True)
    assert not (tmp_path / "x").exists()
