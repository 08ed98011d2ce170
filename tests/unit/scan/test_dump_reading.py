import os
from pathlib import Path

import pytest

from codered.collect.dumps import DumpFile
from codered.detect import memory_places
from codered.detect.memory import BEFORE, MemoryJudge
from codered.engine import GaveUp
from codered.model.paths import FilePath
from codered.scan import dump_reading
from codered.scan.dump_reading import MORE, PIECE, DumpReader
from codered.scan.tasks import Done, DumpRange, DumpTask
from tests.fixtures.dump_files import fill, memory_rules, opened

NAME = FilePath("/ram", b"/ram")


def serve(file: DumpFile, *ranges: DumpRange, sparse: bool = False) -> Done:
    return DumpReader(file.descriptor, NAME, memory_rules(), "physical", sparse=sparse).serve(DumpTask(7, list(ranges)))


def whole(size: int, address: int | None = 0x1000) -> DumpRange:
    return DumpRange(0, size, address, "4", 0, size)


def told(done: Done) -> list[tuple[str, str, int]]:
    return [(item.state, item.why, item.size) for item in done.counted]


def test_a_finding_says_address_segment_and_bytes(tmp_path: Path) -> None:
    with opened(tmp_path, fill(5000, 300)) as file:
        done = serve(file, whole(5000))
    (finding,) = done.findings
    assert (done.number, told(done)) == (7, [("looked", "", 5000)])
    assert (finding.subject.kind, finding.subject.path, finding.subject.path_raw) == ("memory", "/ram", b"/ram")
    assert (finding.subject.address, finding.confidence, finding.layer) == ("0x112c", "likely", "memory")
    (proof,) = finding.evidence
    assert proof.what == "string $anchor_a of rule mark at physical address 0x112c"
    assert (proof.offset, proof.source) == (300, "segment 4")
    assert proof.data is not None
    assert proof.data == b"Z" * BEFORE + b"INERT-MARK" + b"Z" * (len(proof.data) - BEFORE - len(b"INERT-MARK"))
    assert len(proof.data) >= 64


@pytest.mark.parametrize("border", [PIECE - 3, 3 * PIECE - 9, 3 * PIECE, 3 * PIECE + 4])
def test_marks_on_borders_are_found_once(border: int, tmp_path: Path) -> None:
    size = 5 * PIECE
    with opened(tmp_path, fill(size, border)) as file:
        first = DumpRange(0, 3 * PIECE, 0, "1", 0, size)
        second = DumpRange(3 * PIECE, 2 * PIECE, 3 * PIECE, "1", 0, size)
        done = serve(file, first, second)
    assert [finding.subject.address for finding in done.findings] == [hex(border)]
    assert sum(item.size for item in done.counted) == size


def test_nothing_is_read_beyond_the_run(tmp_path: Path) -> None:
    with opened(tmp_path, fill(5000, 996)) as file:
        assert serve(file, DumpRange(0, 1000, 0, "1", 0, 1000)).findings == []


def test_places_without_address_have_ids_of_their_own(tmp_path: Path) -> None:
    with opened(tmp_path, fill(5000, 100, 300)) as file:
        findings = serve(file, whole(5000, None)).findings
    assert [finding.subject.address for finding in findings] == [None, None]
    assert len({finding.id for finding in findings}) == 2
    assert findings[0].evidence[0].what.endswith("at byte 100 of the file")


def test_in_a_sparse_file_only_data_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(8 << 20)
        file.seek(5 << 20)
        file.write(fill(4096, 10))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        done = serve(DumpFile(descriptor, 8 << 20, b""), whole(8 << 20), sparse=True)
    finally:
        os.close(descriptor)
    assert [finding.subject.address for finding in done.findings] == [hex(0x1000 + (5 << 20) + 10)]
    assert told(done) == [("looked", "", 4096)]


def test_a_file_that_has_become_shorter_is_a_gap(tmp_path: Path) -> None:
    with opened(tmp_path, fill(5000, 10)) as file:
        os.truncate(tmp_path / "dump", 1000)
        done = serve(file, whole(5000))
    assert told(done) == [
        ("failed", "the file has become shorter while it was read", 0), ("looked", "", 1000)
    ]  # fmt: skip
    assert len(done.findings) == 1


def test_what_can_not_be_read_or_judged_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(serve(DumpFile(-1, 100, b""), whole(100))) == [("failed", "can't be read: Bad file descriptor", 0)]

    def give_up(_judge: MemoryJudge, _data: bytes) -> bool:
        raise GaveUp("time limit reached")

    monkeypatch.setattr(MemoryJudge, "has_signs", give_up)
    with opened(tmp_path, fill(100)) as file:
        done = serve(file, whole(100))
    assert told(done) == [("failed", "gave up: time limit reached", 0)]
    assert done.counted[0].example == "100 bytes at byte 0 of the file"


def test_after_many_places_copies_that_follow_others_are_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump_reading, "ENOUGH", memory_places.MOST_MATCHINGS)
    with opened(tmp_path, fill(50_000, *range(0, 50_000, 1000))) as file:
        done = serve(file, whole(50_000), DumpRange(30_000, 1000, 30_000, "1", 0, 50_000))
    assert [finding.subject.address for finding in done.findings[:2]] == ["0x1000", "0x13e8"]
    assert len(done.findings) == memory_places.MOST_MATCHINGS
    assert ("skipped", MORE, 0) in told(done)
