import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.evidence.container import DiskFull, EvidenceContainer, Kept, NotKept
from codered.evidence.custody import read_entries
from codered.evidence.reading import read_item
from codered.evidence.standalone_verifier import BALLAST, CUSTODY, MANIFEST, verify_container
from codered.model.errors import Refused
from codered.model.evidence import ENCODING, ItemOrigin
from codered.model.paths import path_from_bytes
from tests.fixtures.evidence import (
    MARK,
    ODD,
    describe_file,
    make_container,
    make_heading,
    open_container,
    open_key,
    read_manifest,
)

ORIGIN = ItemOrigin(kind="file", source="a test")


def fail_with(number: int) -> Iterator[bytes]:
    yield MARK
    raise OSError(number, os.strerror(number))


def test_items_have_neutral_names_and_keep_the_odd_ones_in_the_manifest(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    manifest = read_manifest(container)
    first, second = manifest.items
    assert (first.id, first.name, first.order, first.size) == ("000001", "items/000001", 1, len(MARK))
    assert first.origin.path == ODD
    assert first.origin.path.to_bytes() == b"/srv/../=cmd\n\xff.php"
    assert first.sha256 == hashlib.sha256(MARK).hexdigest()
    assert (second.size, second.sha256) == (0, hashlib.sha256(b"").hexdigest())
    assert manifest.left_out[0].path is not None
    assert sorted(os.listdir(container / "items")) == ["000001", "000002"]
    assert sorted(os.listdir(container)) == [
        "README.txt", "custody.jsonl", "host.pub", "items", "manifest.json", "verify_evidence.py",
    ]  # fmt: skip


def test_contents_lie_there_turned_over(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    manifest = read_manifest(container)
    assert manifest.encoding == ENCODING
    assert MARK not in (container / "items/000001").read_bytes()
    assert read_item(container, manifest.items[0]) == MARK


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    for path in (container, *container.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_log_tells_of_each_item_and_of_the_seal(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    entries, manifest = read_entries(container), read_manifest(container)
    assert [entry.what for entry in entries] == ["collect", "collect", "collect", "seal"]
    assert entries[1].evidence_id == f"{manifest.id}/000001"
    assert (entries[1].sha256_after, entries[1].size) == (manifest.items[0].sha256, len(MARK))
    assert entries[3].sha256_after == hashlib.sha256((container / "manifest.json").read_bytes()).hexdigest()
    assert {(entry.who, entry.authority) for entry in entries} == {("anna@desk", "case 7")}


def test_what_must_not_be_kept_or_can_not_be_read_is_left_out_with_the_reason(tmp_path: Path) -> None:
    container = open_container(tmp_path)

    def refuse() -> Iterator[bytes]:
        yield MARK
        raise NotKept("a secret")

    path = path_from_bytes(b"/etc/x")
    assert container.add(ItemOrigin(kind="file", source="one", path=path), refuse()) is None
    assert container.add(ItemOrigin(kind="file", source="two"), fail_with(5)) is None
    assert container.add(ORIGIN, [MARK])
    summary = container.finish()
    told = [(left.what, left.because, left.path) for left in summary.left_out]
    assert told == [("one", "a secret", path), ("two", "Input/output error", None)]
    assert os.listdir(container.folder / "items") == ["000001"]
    assert verify_container(summary.folder).problems == []


def test_the_budget_is_kept_item_by_item(tmp_path: Path) -> None:
    container = open_container(tmp_path, budget=len(MARK) + 3)
    assert container.add(ORIGIN, [MARK])
    assert container.add(ORIGIN, iter([b"1234", b"5"])) is None
    assert container.add(ORIGIN, [b"123"])
    summary = container.finish()
    assert (summary.items, summary.bytes) == (2, len(MARK) + 3)
    assert "does not fit into the budget" in summary.left_out[0].because


def test_a_full_disk_ends_it_and_what_is_there_can_be_sealed(tmp_path: Path) -> None:
    container = open_container(tmp_path)
    assert container.add(ORIGIN, [MARK])
    with pytest.raises(DiskFull):
        container.add(ORIGIN, fail_with(28))
    summary = container.finish("no room")
    assert (summary.items, summary.complete, summary.ended) == (1, False, "no room")
    verdict = verify_container(summary.folder)
    assert verdict.problems == []
    assert "INCOMPLETE: no room" in verdict.notes


def test_a_part_says_that_it_is_one(tmp_path: Path) -> None:
    container = open_container(tmp_path)
    container.add(describe_file(ODD), [MARK], Kept(full_size=1 << 40, offset=9, changed=True))
    item = read_manifest(Path(container.finish().folder)).items[0]
    assert (item.full_size, item.offset, item.changed) == (1 << 40, 9, True)


def test_a_place_that_can_not_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Refused, match="no container can be made there"):
        EvidenceContainer(tmp_path / "file", make_heading(), open_key(tmp_path))


@pytest.mark.parametrize("gone", [CUSTODY, MANIFEST, "items"])
def test_a_container_of_which_a_part_is_gone_is_still_one(tmp_path: Path, gone: str) -> None:
    copy = make_container(tmp_path)
    shutil.rmtree(copy / gone) if gone == "items" else (copy / gone).unlink()
    assert any(problem.startswith(gone) for problem in verify_container(str(copy)).problems)


def test_leftovers_of_a_collect_that_was_killed_are_no_tampering(tmp_path: Path) -> None:
    container = open_container(tmp_path)
    container.abandon()
    left = (BALLAST, "items/000001", "items/000002.part", "manifest.json.part")
    for name in left:
        (container.folder / name).write_bytes(b"")
    (container.folder / "items/000007").write_bytes(b"")
    verdict = verify_container(str(container.folder))
    assert verdict.problems == ["unfinished: it was never sealed", "items/000007: does not belong here"]
    for name in left:
        assert f"{name}: left over from the collecting, which was stopped" in verdict.notes
    copy = make_container(tmp_path)
    (copy / BALLAST).write_bytes(b"")  # it was sealed: nothing of it may be left
    assert verify_container(str(copy)).problems == [f"{BALLAST}: does not belong here"]
