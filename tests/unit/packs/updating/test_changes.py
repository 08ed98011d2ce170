from pathlib import Path

from codered.packs.updating.changes import compare_heuristics
from codered.packs.updating.composing import Composition

SHIPPED = Path(__file__).resolve().parents[4] / "packs"


def test_heuristics_are_shown_and_fewer_rules_are_a_warning(tmp_path: Path) -> None:
    empty, broken = b"format: 1\n", b"format: [\n"
    (tmp_path / "a.heuristics.yaml").write_text((SHIPPED / "accounts.heuristics.yaml").read_text())
    (tmp_path / "b.heuristics.yaml").write_bytes(empty)
    (tmp_path / "gone.heuristics.yaml").write_bytes(empty)
    files = {"a.heuristics.yaml": broken, "b.heuristics.yaml": empty, "new.heuristics.yaml": empty, "p/x": b""}
    composed = Composition((), files, {"a.heuristics.yaml": "lab", "new.heuristics.yaml": "lab"})
    changes, warnings = compare_heuristics(tmp_path, composed)
    assert [(change.name, bool(change.was), bool(change.now), change.source) for change in changes] == [
        ("a.heuristics.yaml", True, True, "lab"),
        ("gone.heuristics.yaml", True, False, ""),
        ("new.heuristics.yaml", False, True, "lab"),
    ]
    (warning,) = warnings
    assert warning.startswith("a.heuristics.yaml: ")
    assert " 0 now" in warning
