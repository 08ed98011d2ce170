import json
from pathlib import Path

import pytest

from codered.cli.guided_evidence import parse_size
from codered.model.errors import WrongUse
from tests.fixtures.changing import hash_tree
from tests.unit.cli.conftest import Say


@pytest.mark.parametrize(
    ("text", "size"),
    [("1000", 1000), ("2K", 2048), ("500MB", 500 << 20), ("2GiB", 2 << 30), (" 1T ", 1 << 40), ("0", 0)],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "2 GB or so", "-1", "2X", "9" * 20, "1.5G", "٣"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(WrongUse, match="is no size"):
        parse_size(text)


def test_evidence_is_kept_before_anything_is_changed(say: Say, volume: Path, tmp_path: Path) -> None:
    answer = say("respond", "--root", volume, "--yes", "-o", tmp_path / "r.json")
    assert answer.code == 0
    kept = json.loads((tmp_path / "r.json").read_bytes())["evidence"]
    assert Path(kept["place"]).is_dir()
    assert kept["items"] >= 6
    assert say("evidence", "verify", kept["place"]).code == 0


def test_too_much_evidence_is_refused_and_goes_on_without(say: Say, volume: Path) -> None:
    before = hash_tree(volume)
    answer = say("respond", "--root", volume, "--yes", "--budget", "1K")
    assert answer.code == 4
    assert "larger than its budget" in answer.err
    assert "--no-evidence REASON" in answer.err
    assert hash_tree(volume) == before
    answer = say("respond", "--resume", "--yes", "--no-evidence", "no room on this host")
    assert answer.code == 0
    assert "no room on this host" in answer.out


def test_left_out_only_with_a_reason(say: Say, volume: Path) -> None:
    assert say("respond", "--root", volume, "--yes", "--no-evidence", " ").code == 2
