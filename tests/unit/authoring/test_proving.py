from datetime import date
from pathlib import Path

import msgspec
import pytest

from codered.authoring import proving
from codered.authoring.body_parts import draft_body
from codered.authoring.goodware import Nothing
from codered.authoring.orders import Choice, DraftOrder, Mark, Sample
from codered.authoring.proving import count_atoms, prove, write_files
from codered.authoring.writing import write_pack
from codered.model.errors import WrongUse
from codered.packs.anchors import MOST_ATOMS
from codered.packs.loading import find_packs_folder, load_pack

ORDER = DraftOrder(name="zork", sources=(), goodware=Nothing(), today=date(2026, 3, 9))
MARKS = tuple(Mark(text) for text in (b"zork_one", b"zork_two", b"zork_three", b"zork_four"))


def make_files() -> dict[str, bytes]:
    part = draft_body("zork", 1, (Sample("a", 4, "", b"\0bin"),), MARKS, ())
    return write_pack(ORDER, (part,), None, "seen")


def test_expected_findings_come_of_a_run() -> None:
    files = prove(ORDER, make_files(), [])
    expected = msgspec.json.decode(files["expected.json"])
    item = {"indicator": "body", "path": "srv/zork/body.bin", "confidence": "likely", "layer": "files"}
    assert expected == {"hit/host.tree.yaml": [item]}
    assert "README.md" not in files


def test_anchors_of_all_packs_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    neighbour = load_pack(find_packs_folder() / "codered2")
    alone = count_atoms((neighbour,))
    assert 0 < alone <= MOST_ATOMS
    monkeypatch.setattr(proving, "MOST_ATOMS", alone)
    with pytest.raises(WrongUse, match="anchors"):
        prove(msgspec.structs.replace(ORDER, neighbours=(neighbour,)), make_files(), [])


def test_a_look_alike_that_is_found_is_left_out() -> None:
    files = make_files()
    files["examples/clean/mistaken.tree.yaml"] = files["examples/hit/host.tree.yaml"]
    choices: list[Choice] = []
    assert "examples/clean/mistaken.tree.yaml" not in prove(ORDER, files, choices)
    assert "mistaken" in choices[0].what


def test_a_pack_that_does_not_hold_is_refused() -> None:
    files = make_files()
    files["rules.yar"] = files["rules.yar"].replace(b"zork_one", b"other_one").replace(b"zork_two", b"other_two")
    with pytest.raises(WrongUse, match=r"nothing was found|does not hold"):
        prove(ORDER, {**files, "rules.yar": files["rules.yar"].replace(b"zork_t", b"none_t")}, [])
    broken = files["pack.yaml"].replace(b"confidence: likely", b"confidence: likely\n  attack: [X]", 1)
    with pytest.raises(WrongUse):
        prove(ORDER, {**make_files(), "pack.yaml": broken}, [])


def test_files_are_never_written_over(tmp_path: Path) -> None:
    write_files(tmp_path / "a", {"b/c": b"d"})
    with pytest.raises(FileExistsError):
        write_files(tmp_path / "a", {})
