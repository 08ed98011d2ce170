import os
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.model.report import Report
from codered.scan import Progress, dump_scan
from codered.scan.dump_scan import CHANGED, NO_RULES, explain_attribution, scan_dump
from codered.scan.pool import Pool
from tests.fixtures.dump_files import (
    MARK,
    Memory,
    fill,
    make_bitmap_dump,
    make_crash_dump,
    make_elf,
    make_lime,
    memory_rules,
    write,
)
from tests.fixtures.small_packs import make_pack, make_rules

LOW = Memory(0x1000, fill(0x9000, 0x10, 0x8FF0 - 0x100))
HIGH = Memory(0x1_0000_0000, fill(0x3000, 0x2008))
HIGH_32 = Memory(0xC000_0000, fill(0x3000, 0x2008))
FOUND = {"0x1010", "0x9ef0", "0x100002008"}
FOUND_32 = {"0x1010", "0x9ef0", "0xc0002008"}


def scan(path: Path) -> Report:
    return scan_dump(os.fsencode(path), memory_rules(), cores=1)


def addresses(report: Report) -> set[str | None]:
    return {finding.subject.address for finding in report.findings}


def gaps(report: Report) -> list[str]:
    return [look.why for look in report.gaps()]


@pytest.mark.parametrize(
    ("make", "system"),
    [
        (make_elf, "unknown"),
        (lambda *pieces: make_elf(*pieces, order=">"), "unknown"),
        (lambda *pieces: make_elf(*pieces, virtual=True), "unknown"),
        (make_lime, "linux"),
        (make_crash_dump, "windows"),
        (lambda *pieces: make_crash_dump(*pieces, kind=0x45474150), "windows"),
        (make_bitmap_dump, "windows"),
    ],
    ids=["elf", "elf-big", "elf-process", "lime", "crash", "crash-old", "bitmap"],
)
def test_marks_are_found_at_their_addresses(make: Callable[..., bytes], system: str, tmp_path: Path) -> None:
    data = make(LOW, HIGH)
    report = scan(write(tmp_path, data))
    assert addresses(report) == FOUND
    assert (report.verdict, gaps(report)) == ("infected", [])
    assert (report.target.kind, report.target.system) == ("memory_dump", system)
    assert [look.count for look in report.looks if look.bytes] == [2]
    for finding in report.findings:
        proof = finding.evidence[0]
        assert proof.offset is not None
        assert data[proof.offset : proof.offset + len(MARK)] == MARK
        assert proof.data is not None
        assert MARK in proof.data
        assert (finding.layer, finding.subject.kind, finding.subject.path) == (
            "memory", "memory", str(tmp_path / "dump"),
        )  # fmt: skip
        assert proof.source == ("segment 2" if finding.subject.address == "0x100002008" else "segment 1")


@pytest.mark.parametrize(
    "make",
    [
        lambda *pieces: make_elf(*pieces, bits=32),
        lambda *pieces: make_elf(*pieces, bits=32, order=">"),
        lambda *pieces: make_crash_dump(*pieces, bits=32),
        lambda *pieces: make_bitmap_dump(*pieces, bits=32, magic=b"SDMP"),
    ],
    ids=["elf", "elf-big", "crash", "bitmap"],
)
def test_marks_are_found_in_dumps_of_32_bit_machines(make: Callable[..., bytes], tmp_path: Path) -> None:
    report = scan(write(tmp_path, make(LOW, HIGH_32)))
    assert (addresses(report), gaps(report)) == (FOUND_32, [])


def test_in_a_raw_image_the_address_is_the_offset(tmp_path: Path) -> None:
    report = scan(write(tmp_path, fill(20 << 20, 5, (8 << 20) - 3, (16 << 20) - 10, 19 << 20)))
    assert addresses(report) == {"0x5", "0x7ffffd", "0xfffff6", "0x1300000"}
    assert report.verdict == "infected"


def test_a_clean_dump_is_clean(tmp_path: Path) -> None:
    told: list[int] = []

    def tell(now: Progress) -> None:
        told.append(now.bytes)

    path = write(tmp_path, fill(9 << 20))
    report = scan_dump(os.fsencode(path), memory_rules(), ("scan", "--memory"), 2, tell)
    assert (report.verdict, report.findings, report.command) == ("clean", (), ("scan", "--memory"))
    assert told[-1] == 9 << 20
    assert sum(look.bytes for look in report.looks) == 9 << 20


def test_two_strings_far_apart_are_one_place(tmp_path: Path) -> None:
    data = bytearray(fill(24 << 20))
    data[(8 << 20) - 100 : (8 << 20) - 90] = b"INERT-HEAD"
    data[11 << 20 : (11 << 20) + 10] = b"INERT-TAIL"
    data[20 << 20 : (20 << 20) + 10] = b"INERT-HEAD"
    report = scan(write(tmp_path, bytes(data)))
    assert [(f.indicator, f.subject.address) for f in report.findings] == [("two", "0x7fff9c")]
    assert [proof.offset for proof in report.findings[0].evidence] == [(8 << 20) - 100, 11 << 20]


def test_a_mark_across_two_segments_counts_only_where_both_memory_and_file_go_on(tmp_path: Path) -> None:
    data = fill(0x4000, 0x1FFC)
    parts = (data[:0x2000], data[0x2000:])
    joined = scan(write(tmp_path, make_elf(Memory(0x5000, parts[0]), Memory(0x7000, parts[1]))))
    assert addresses(joined) == {"0x6ffc"}
    assert joined.findings[0].evidence[0].source == "segment 1 to 2"
    for name, dump in {
        "memory does not go on": make_elf(Memory(0x5000, parts[0]), Memory(0x9000, parts[1])),
        "the file does not go on": make_lime(Memory(0x5000, parts[0]), Memory(0x7000, parts[1])),
    }.items():
        assert addresses(scan(write(tmp_path, dump, name))) == set(), name


def test_a_truncated_dump_is_scanned_as_far_as_it_goes_and_is_not_clean(tmp_path: Path) -> None:
    dump = make_lime(Memory(0x1000, fill(0x4000, 0x100)), Memory(0x10_0000, fill(0x9000)))
    report = scan(write(tmp_path, dump[:-0x1234]))
    assert addresses(report) == {"0x1100"}
    (why,) = gaps(report)
    assert why.startswith("segment 2 claims 36864 bytes")
    assert why.endswith("beyond its end: 4660 bytes are not there")
    assert scan(write(tmp_path, make_lime(Memory(0x10_0000, fill(0x9000)))[:-1])).verdict == "incomplete"


def test_what_lying_headers_leave_out_is_looked_at_without_addresses(tmp_path: Path) -> None:
    dump = bytearray(make_lime(Memory(0x1000, fill(0x1000)), Memory(0x9000, fill(0x3000, 0x300, 0x2000))))
    dump[32 + 0x1000 : 32 + 0x1000 + 4] = b"LIAR"
    report = scan(write(tmp_path, bytes(dump)))
    assert [finding.subject.address for finding in report.findings] == [None, None]
    assert {finding.evidence[0].source for finding in report.findings} == {"outside of every segment"}
    assert len({finding.id for finding in report.findings}) == 2
    assert gaps(report) == ["no header of segment 2 where one must be, at byte 4128 of the file"]


def test_many_lies_are_counted_not_listed(tmp_path: Path) -> None:
    pieces = [Memory(number << 12, b"x" * 16) for number in range(2000)]
    report = scan(write(tmp_path, make_elf(*pieces)[:-20000]))
    assert report.verdict == "incomplete"
    assert len(report.looks) < dump_scan.MOST_LIES + 10
    (rest,) = [look for look in report.looks if look.why == "more of the like"]
    assert rest.count > 1000


def test_many_places_are_counted_not_listed(tmp_path: Path) -> None:
    report = scan(write(tmp_path, fill(1 << 20, *range(0, 1 << 20, 4096))))
    assert 0 < len(report.findings) <= dump_scan.MOST_LISTED
    assert any("more places" in look.why and look.state == "skipped" for look in report.looks)


def test_holes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "dump"
    with path.open("wb") as file:
        file.truncate(1 << 40)
        for at in (0x5000, 1 << 30, (1 << 40) - 0x1000):
            file.seek(at)
            file.write(MARK)
    report = scan(path)
    assert addresses(report) == {"0x5000", "0x40000000", hex((1 << 40) - 0x1000)}
    assert sum(look.bytes for look in report.looks) < 1 << 20


def test_a_file_that_changes_meanwhile_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, fill(0x10000))
    stop = Pool.stop

    def write_then_stop(pool: Pool) -> None:
        with path.open("ab") as file:
            file.write(b"more")
        stop(pool)

    monkeypatch.setattr(Pool, "stop", write_then_stop)
    report = scan(path)
    assert (report.verdict, gaps(report)) == ("incomplete", [CHANGED])


def test_ctrl_c_ends_it_incomplete(tmp_path: Path) -> None:
    def interrupt(_now: Progress) -> None:
        raise KeyboardInterrupt

    report = scan_dump(os.fsencode(write(tmp_path, fill(0x1000))), memory_rules(), (), 1, interrupt)
    assert (report.interrupted, report.verdict) == (True, "incomplete")


def test_packs_without_signs_for_memory_leave_it_unlooked(tmp_path: Path) -> None:
    report = scan_dump(os.fsencode(write(tmp_path, fill(0x10000))), make_rules(make_pack()), cores=1)
    assert (report.verdict, gaps(report)) == ("incomplete", [NO_RULES])


def test_the_report_says_that_hits_name_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = scan(write(tmp_path, fill(0x1000, 0)))
    assert [look.why for look in report.looks if look.state == "skipped"] == [explain_attribution()]
    monkeypatch.setattr(dump_scan, "find_spec", lambda _name: None)
    assert explain_attribution().endswith("volatility3 is not installed")
    monkeypatch.setattr(dump_scan, "find_spec", lambda _name: object())
    assert explain_attribution().endswith("give their addresses to volatility3 (windows.strings)")


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [(b"", "dump", "an empty file"), (b"HIBR" + bytes(100), "dump", "hibernation"), (b"x", "a.vmss", "VMware")],
)
def test_what_can_not_be_read_is_refused_by_name(data: bytes, name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=says):
        scan(write(tmp_path, data, name))


@pytest.mark.parametrize(
    ("data", "doubt"),
    [
        (fill(0xFFFF), "no memory of a machine is that small"),
        (bytes(0x200000), "nothing but zeros"),
        (bytes(0x10000) + fill(0x2000) + bytes(0x10000), ""),
    ],
)
def test_a_file_that_is_hardly_memory_never_reads_as_clean(tmp_path: Path, data: bytes, doubt: str) -> None:
    report = scan(write(tmp_path, data))
    assert (report.verdict == "incomplete") == bool(doubt)
    assert doubt in "".join(gaps(report))


def test_a_picture_is_no_dump(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="a picture"):
        scan(write(tmp_path, b"\x89PNG\r\n\x1a\n" + fill(0x10000)))
