import json
from pathlib import Path

from tests.fixtures.changing import hash_tree
from tests.fixtures.saying import Say


def test_evidence_is_kept_before_anything_is_changed(say: Say, volume: Path, tmp_path: Path) -> None:
    answer = say("respond", "--root", volume, "--yes", "-o", tmp_path / "r.json")
    assert answer.code == 0
    kept = json.loads((tmp_path / "r.json").read_bytes())["evidence"]
    assert Path(kept["place"]).is_dir()
    assert kept["items"] >= 6
    assert say("evidence", "verify", kept["place"]).code == 0


def test_too_much_evidence_is_refused_and_goes_on_without(say: Say, volume: Path) -> None:
    before = hash_tree(volume)
    answer = say("respond", "--root", volume, "--yes", "--budget", "1 k")
    assert answer.code == 4
    assert "larger than its budget" in answer.err
    assert "--no-evidence REASON" in answer.err
    assert hash_tree(volume) == before
    answer = say("respond", "--resume", "--yes", "--no-evidence", "no room on this host")
    assert answer.code == 0
    assert "no room on this host" in answer.out


def test_left_out_only_with_a_reason(say: Say, volume: Path) -> None:
    assert say("respond", "--root", volume, "--yes", "--no-evidence", " ").code == 2
