"""A second scan misses nothing that was changed since the first, however it was changed."""

import mmap
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.scan import seen_files
from codered.scan import worker as worker_module
from tests.fixtures.remembering import PACK, RULE, Desk, counts, found
from tests.fixtures.small_packs import make_pack, make_rules

LOG = b'192.0.2.1 - - [01/Aug/2001:00:00:00 +0000] "GET / HTTP/1.0" 200 5 "-" "-"\n'


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    # The folder for tests may lie anywhere, and its files are new: both are believed here.
    monkeypatch.setattr(seen_files, "distrust_open", lambda descriptor: "")
    monkeypatch.setattr(worker_module, "SETTLING", -60_000_000_000)
    return Desk(tmp_path)


def rewrite_keeping_size_and_mtime(path: Path) -> None:
    before = path.stat()
    path.write_bytes(b"INERT-MARK!")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def rename_over(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"INERT-MARK!")
    os.utime(other, ns=(0, path.stat().st_mtime_ns))
    other.rename(path)


def write_by_another_name(path: Path) -> None:
    link = path.parents[3] / "elsewhere"
    link.hardlink_to(path)
    rewrite_keeping_size_and_mtime(link)
    link.unlink()


def write_through_a_mapping(path: Path) -> None:
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        mapped[:] = b"INERT-MARK!"


def swap_the_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("aside"))
    path.parent.mkdir()
    path.write_bytes(b"INERT-MARK!")


@pytest.mark.parametrize(
    "change",
    [
        rewrite_keeping_size_and_mtime,
        rename_over,
        write_by_another_name,
        write_through_a_mapping,
        swap_the_folder,
    ],
)
def test_no_change_is_missed(desk: Desk, change: Callable[[Path], None]) -> None:
    path = desk.root / "a/b/plain"
    assert found(desk.scan()) == []
    change(path)
    assert found(desk.scan()) == [str(path)]
    assert found(desk.scan()) == [str(path)]


def test_findings_are_looked_at_each_time(desk: Desk) -> None:
    desk.write("a/bad", b"INERT-MARK")
    (desk.root / "cuc").mkdir()
    first, again = desk.scan(), desk.scan()
    assert set(found(first)) == {str(desk.root / "a/bad"), str(desk.root / "cuc")}
    assert (first.findings, first.verdict) == (again.findings, again.verdict)
    assert counts(again) == (1, 152)
    (desk.root / "a/bad").unlink()
    (desk.root / "cuc").rmdir()
    assert found(desk.scan()) == []


def test_a_clean_file_under_a_name_that_a_rule_knows(desk: Desk) -> None:
    desk.scan()
    (desk.root / "a/b/planted.sh").hardlink_to(desk.root / "a/b/plain")
    (desk.root / "mine").rename(desk.root / "planted.sh")
    (desk.root / "a/b/cuc").mkdir()
    wanted = {str(desk.root / name) for name in ("a/b/planted.sh", "planted.sh", "a/b/cuc")}
    assert set(found(desk.scan())) == set(found(desk.scan())) == wanted


def test_a_folder_under_a_new_name_is_another_place(desk: Desk) -> None:
    desk.scan()
    (desk.root / "a").rename(desk.root / "c")
    assert counts(desk.scan()) == (151, 1)
    assert not [rel for rel in desk.kept().folders if rel.endswith(b"root/a")]


def test_a_changed_mode_costs_a_look(desk: Desk) -> None:
    desk.scan()
    (desk.root / "mine").chmod(0o755)
    assert counts(desk.scan()) == (1, 151)
    assert counts(desk.scan()) == (0, 152)


def test_other_rules_look_at_everything_again(desk: Desk) -> None:
    desk.scan()
    stricter = make_pack(rules=RULE.replace("INERT-MARK", "clean bytes"), content=PACK.pack.content)
    assert len(found(desk.scan(rules=replace(make_rules(stricter), digest="2" * 64)))) == 2
    assert counts(desk.scan()) == (0, 152)


def test_logs_and_gaps_are_never_remembered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("log/access.log", LOG * 3)
    first, again = desk.scan(), desk.scan()
    assert [report.logs.lines for report in (first, again) if report.logs] == [3, 3]
    monkeypatch.setattr("codered.collect.contents.WHOLE", 8)
    changing = desk.write("changing", b"clean bytes" * 3)
    monkeypatch.setattr(worker_module, "read_pieces", lambda descriptor, size: iter(()) if size != 33 else _fail())
    for _ in range(2):
        assert [look.examples for look in desk.scan().looks if look.state == "failed"] == [(str(changing),)]


def _fail() -> None:
    raise OSError(5, "Input/output error")
