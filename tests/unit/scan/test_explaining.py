from datetime import UTC, datetime
from pathlib import Path

import msgspec
from blake3 import blake3

from codered.collect.file_states import pack_numbers
from codered.model.known_good import Baseline, Deviation, DeviationKind, FileRecord, FolderRecord
from codered.model.paths import FilePath
from codered.scan.explaining import drop_explained
from codered.targets import open_target

BEFORE = b"one\ntwo\n"


def _baseline() -> Baseline:
    record = FileRecord(0o100644, 0, 0, len(BEFORE), blake3(BEFORE).digest())
    folder = FolderRecord(b"etc", b"x", pack_numbers([0] * 5), msgspec.msgpack.encode([record]))
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return Baseline(
        id="i", tool="t", created=made, host="", root="/", system="linux", places=(), folders=(folder,)
    )  # fmt: skip


def _kinds(root: Path, content: bytes, *kinds: tuple[DeviationKind, int]) -> list[str]:
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/x").write_bytes(content)
    path = FilePath(str(root / "etc/x"))
    found = tuple(Deviation(kind=kind, truth="baseline", path=path, line=line) for kind, line in kinds)
    return [item.kind for item in drop_explained(open_target(str(root)), _baseline(), found)]


def test_new_lines_explain_a_file_that_has_nothing_else_new(tmp_path: Path) -> None:
    both: tuple[tuple[DeviationKind, int], ...] = (("new-autostart", 2), ("content", 0))
    assert _kinds(tmp_path, b"one\nnew\ntwo\n", *both) == ["new-autostart"]
    assert _kinds(tmp_path, b"one\nnew\nother\n", *both) == ["new-autostart", "content"]
    assert _kinds(tmp_path, b"one\ntwo\nnew", ("new-key", 3), ("content", 0)) == ["new-key"]


def test_a_new_file_that_starts_by_itself_is_told_as_that(tmp_path: Path) -> None:
    assert _kinds(tmp_path, b"", ("new-autostart", 0), ("new-executable", 0)) == ["new-autostart"]
    assert _kinds(tmp_path, b"", ("new-autostart", 1), ("new-file", 0)) == ["new-autostart"]
    assert _kinds(tmp_path, b"", ("changed-autostart", 0), ("content", 0)) == ["content"]
    assert _kinds(tmp_path, b"", ("changed-autostart", 0)) == ["changed-autostart"]


def test_rights_that_make_a_file_start_are_given_back_and_the_file_stays(tmp_path: Path) -> None:
    assert _kinds(tmp_path, BEFORE, ("new-autostart", 0), ("mode", 0)) == ["mode"]


def test_deviations_of_no_file_stay(tmp_path: Path) -> None:
    found = (Deviation(kind="new-listener", truth="baseline", name="listener tcp 0.0.0.0:1"),)
    assert drop_explained(open_target(str(tmp_path)), _baseline(), found) == found
