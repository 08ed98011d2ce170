import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect import rpm_program
from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.collect.recorded_files import Share
from codered.collect.rpm_program import NO_PROGRAM
from codered.collect.rpm_records import RpmFiles, RpmPackage, RpmRecords, _Owners, _parse_file, read_rpm_packages
from codered.model.known_good import PackageRecord
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.package_roots import build_rpm, install_rpm

TINY = RpmPackage(PackageRecord("rpm", "tiny", "1"), None, "sha256")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    install_rpm(folder, build_rpm(tmp_path))
    return folder


def open_reader(root: Path) -> Reader:
    return Reader(OfflineRoot(str(root)))


def test_what_is_on_record_for_each_file(root: Path) -> None:
    files = {file.recorded.rel: file for file in RpmRecords(open_reader(root)).read_files()}
    tool = files[b"usr/bin/tiny"].recorded
    assert (tool.algorithm, tool.mode, tool.uid, tool.gid, tool.config) == ("sha256", stat.S_IFREG | 0o755, 0, 0, False)
    assert files[b"etc/tiny.conf"].recorded.config
    assert files[b"usr/share/tiny/link"].recorded.link == b"../../bin/tiny"
    assert files[b"usr/share/tiny/data"].recorded.capabilities == 1 << 13
    assert not files[b"usr/share/tiny/ghost"].checked


def test_what_may_be_missing_is_compared_where_it_is(root: Path) -> None:
    owners = _Owners(open_reader(root))
    for flags, expected in ((0, (False, False)), (1, (True, False)), (8, (False, True)), (9, (True, True))):
        line = b"F\t" + b"a" * 64 + b"\t33261\troot\troot\t%d\t-1\tnormal\t\t\t/usr/bin/x" % flags
        file = _parse_file(line, TINY, owners)
        assert file is not None
        assert (file.recorded.config, file.recorded.may_miss) == expected


def test_shares_together_are_the_whole(root: Path) -> None:
    parts = [RpmFiles(open_reader(root), Share(part, 3)) for part in range(3)]
    found = [item.rel for part in parts for item in part.read()]
    assert sorted(found) == [b"etc/tiny.conf", b"usr/bin/tiny", b"usr/share/tiny/data", b"usr/share/tiny/link"]
    assert sum(part.packages for part in parts) == 1


def test_whose_a_file_is_where_rpm_is_the_manager(root: Path) -> None:
    reader = open_reader(root)
    packages = PackageDatabase(reader)
    assert packages.known
    assert packages.owner(b"usr/bin/tiny") == "tiny"
    assert packages.owner(b"usr/bin/other") == ""
    assert packages.listed_at(b"usr/bin/tiny") is not None
    assert packages.recorded_sum(b"usr/bin/tiny") == ""  # it is no MD5
    (root / "etc/tiny.conf").write_text("a=2\n")
    found = [reader.read(rel) for rel in (b"usr/bin/tiny", b"etc/tiny.conf")]
    assert [packages.origin(file)[0] for file in found if file] == ["package", "conffile"]
    (root / "usr/bin/tiny").write_text("changed")
    changed = reader.read(b"usr/bin/tiny")
    assert changed is not None
    assert packages.origin(changed) == ("changed", "tiny")


def test_a_database_without_a_program_to_read_it_is_a_gap(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpm_program, "_PLACES", "/nowhere")
    reader = open_reader(root)
    assert read_rpm_packages(reader) == []
    assert [item.why for item in reader.unread] == [NO_PROGRAM]


@given(st.binary(max_size=120), st.sampled_from([b"33188", b"-1", b"99999999999", b"41471"]))
def test_no_line_brings_it_down(tmp_path_factory: pytest.TempPathFactory, tail: bytes, mode: bytes) -> None:
    owners = _Owners.__new__(_Owners)
    owners._users, owners._groups = {}, {}
    for line in (tail, b"F\t" + b"a" * 64 + b"\t" + mode + b"\troot\troot\t0\t-1\tnormal\tcap_chown=ep\t\t/" + tail):
        file = _parse_file(line, TINY, owners)
        assert file is None or not file.recorded.rel.startswith(b"/") or tail.startswith(b"/")
