import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.collect.autostart.reading import Reader
from codered.collect.packages import NOT_KNOWN, PackageDatabase
from codered.model.persistence import Origin
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own, write


def open_database(root: Path) -> tuple[Reader, PackageDatabase]:
    reader = Reader(open_target(str(root)))
    return reader, PackageDatabase(reader)


def origin(root: Path, rel: bytes) -> tuple[Origin, str]:
    reader, packages = open_database(root)
    file = reader.read(rel)
    assert file is not None
    return packages.origin(file)


def test_whose_a_file_is_and_whether_it_was_changed(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"etc/app": "conf", "usr/app": "data", "usr/none": "x"}, conffiles=("etc/app",))
    sums = root / "var/lib/dpkg/info/app.md5sums"
    sums.write_text(sums.read_text().replace("usr/none", "usr/other"))
    assert origin(root, b"etc/app") == ("package", "app")
    assert origin(root, b"usr/app") == ("package", "app")
    assert origin(root, b"usr/none") == ("unknown", "app")
    write(root, {"etc/app": "changed", "usr/app": "changed", "usr/new": "new"})
    assert origin(root, b"etc/app") == ("conffile", "app")
    assert origin(root, b"usr/app") == ("changed", "app")
    assert origin(root, b"usr/new") == ("foreign", "")


def test_the_architecture_is_no_part_of_the_name(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "libx:amd64", {"usr/lib/x": "x"})
    assert origin(root, b"usr/lib/x") == ("package", "libx")


def test_merged_folders_are_one(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"usr/lib/a": "a"})
    own(root, "old", {"lib/b": "b"})
    os.rename(root / "lib/b", root / "usr/lib/b")
    os.rmdir(root / "lib")
    (root / "lib").symlink_to("usr/lib")
    _, packages = open_database(root)
    assert [packages.owner(rel) for rel in (b"lib/a", b"usr/lib/a", b"lib/b", b"usr/lib/b")] == [
        "app",
        "app",
        "old",
        "old",
    ]
    assert origin(root, b"usr/lib/b") == ("package", "old")
    assert packages.owner(b"lib") == ""


def test_folders_that_are_not_merged_are_two(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"usr/lib/a": "a"})
    write(root, {"lib/a": "a"})
    assert (origin(root, b"usr/lib/a"), origin(root, b"lib/a")) == (("package", "app"), ("foreign", ""))


def test_a_diverted_file_lies_elsewhere(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "shell", {"usr/sh": "old"})
    os.rename(root / "usr/sh", root / "usr/sh.real")
    write(root, {"var/lib/dpkg/diversions": "/usr/sh\n/usr/sh.real\nnew\n/x\n"})
    assert origin(root, b"usr/sh.real") == ("package", "shell")
    write(root, {"usr/sh": "planted"})
    assert origin(root, b"usr/sh") == ("foreign", "")
    own(root, "new", {"usr/sh": "new"})
    assert origin(root, b"usr/sh") == ("package", "new")
    assert origin(root, b"usr/sh.real") == ("package", "shell")


def test_what_a_record_has_for_a_file(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"usr/app": "data"})
    _, packages = open_database(root)
    assert packages.recorded_sum(b"usr/app") == "8d777f385d3dfec8815d20f7496026dc"
    assert packages.recorded_sum(b"usr/gone") == ""


def test_when_a_package_was_written_last(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app:amd64", {"usr/app": "app"})
    written = root / "var/lib/dpkg/info/app:amd64.list"
    os.utime(written, (1_000_000_000, 1_000_000_000))
    _, packages = open_database(root)
    assert packages.listed_at(b"usr/app") == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)
    assert packages.listed_at(b"usr/other") is None
    os.utime(written, (4_000_000_000, 4_000_000_000))
    assert packages.listed_at(b"usr/app") == datetime.fromtimestamp(written.stat().st_ctime, UTC)
    written.unlink()
    assert packages.listed_at(b"usr/app") is None


def test_without_dpkg_nothing_is_known_which_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"etc/x": "x", "home/x": ""})
    reader, packages = open_database(tmp_path)
    assert (packages.known, packages.owner(b"etc/x")) == (False, "")
    assert origin(tmp_path, b"etc/x") == ("unknown", "")
    assert [item.why for item in reader.unread] == [NOT_KNOWN]


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_a_record_that_is_no_file_is_left_out_and_said(tmp_path: Path, kind: str) -> None:
    root = make_root(tmp_path)
    path = root / "var/lib/dpkg/info/odd.list"
    if kind == "link":
        path.symlink_to(tmp_path / "var/lib/dpkg/info/bash.list")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    reader, packages = open_database(root)
    assert packages.owner(b"bin/bash") == "bash"
    assert [item.rel for item in reader.unread] == [b"var/lib/dpkg/info/odd.list"]


def test_records_are_read_up_to_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"usr/a": "a", "usr/b": "b"})
    own(root, "forged", {"usr/c": "c"})
    status = root / "var/lib/dpkg/status"
    status.write_text("Package: app\nStatus: install ok installed\n\n" + status.read_text().replace("app", "other"))
    monkeypatch.setattr("codered.collect.dpkg_records.MOST_LIST_BYTES", 90)
    with (root / "var/lib/dpkg/info/app.list").open("a") as listed:
        listed.write("/usr/x\n" * 20 + "/usr/last\n")
    reader, packages = open_database(root)
    assert (packages.owner(b"usr/b"), packages.owner(b"usr/last"), packages.owner(b"usr/c")) == ("app", "", "")
    assert packages.strangers() == ()
    assert ["at its end" in item.why for item in reader.unread] == [True]


def forge(root: Path, package: str, files: dict[str, str]) -> None:
    """Records of a package that dpkg's status does not know."""
    status = root / "var/lib/dpkg/status"
    before = status.read_text()
    own(root, package, files)
    status.write_text(before)


def test_a_list_counts_only_for_a_package_that_is_installed(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "libx:amd64", {"usr/lib/x": "x"})
    for name in ("libzz", "libx", "libx:i386", "bash:zz"):
        forge(root, name, {f"usr/lib/{name}": "planted"})
    write(root, {"var/lib/dpkg/info/format": "1\n"})
    _, packages = open_database(root)
    assert packages.owner(b"usr/lib/x") == "libx"
    assert [packages.owner(b"usr/lib/" + name) for name in (b"libzz", b"libx", b"libx:i386", b"bash:zz")] == [""] * 4
    info = b"var/lib/dpkg/info/"
    assert packages.strangers() == tuple(
        info + name + b".list" for name in (b"bash:zz", b"libx", b"libx:i386", b"libzz")
    )
    assert origin(root, b"usr/lib/libzz") == ("foreign", "")


@pytest.mark.parametrize(
    ("state", "owner"),
    [
        ("hold ok installed", "app"),
        ("install reinstreq half-installed", "app"),
        ("install ok triggers-pending", "app"),
        ("deinstall ok config-files", ""),
        ("purge ok not-installed", ""),
        ("", ""),
    ],
)
def test_what_is_there_of_a_package_in_each_state(tmp_path: Path, state: str, owner: str) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"etc/app": "conf", "usr/app": "data"}, conffiles=("etc/app",))
    status = root / "var/lib/dpkg/status"
    text = status.read_text().replace("app\nStatus: install ok installed", f"app\nStatus: {state}")
    status.write_text(text)
    _, packages = open_database(root)
    assert packages.owner(b"usr/app") == owner
    assert packages.owner(b"etc/app") == ("app" if owner or "config" in state else "")
    assert bool(packages.strangers()) is ("not-installed" in state or not state)


@pytest.mark.parametrize("place", ["tmp", "var/tmp", "dev/shm", "home/ann", "root"])
def test_no_package_has_files_where_people_put_theirs(tmp_path: Path, place: str) -> None:
    root = make_root(tmp_path)
    own(root, "app", {f"{place}/x": "x"})
    _, packages = open_database(root)
    assert (packages.owner(f"{place}/x".encode()), packages.recorded_sum(f"{place}/x".encode())) == ("", "")
    assert packages.listed_at(f"{place}/x".encode()) is None


def test_without_a_status_file_no_list_is_believed_and_none_is_a_stranger(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    (root / "var/lib/dpkg/status").unlink()
    _, packages = open_database(root)
    assert (packages.known, packages.strangers()) == (False, ())


def test_too_many_packages_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.dpkg_records.MOST_LISTS", 1)
    root = make_root(tmp_path)
    own(root, "zzz", {"usr/z": "z"})
    reader, packages = open_database(root)
    assert (packages.owner(b"usr/z"), packages.owner(b"bin/bash")) == ("", "bash")
    assert ["more than 1 packages" in item.why for item in reader.unread] == [True]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(
    listed=st.binary(max_size=200),
    sums=st.binary(max_size=200),
    status=st.binary(max_size=200),
    away=st.binary(max_size=99),
)
def test_no_record_is_too_odd(tmp_path: Path, listed: bytes, sums: bytes, status: bytes, away: bytes) -> None:
    info = tmp_path / "var/lib/dpkg/info"
    info.mkdir(parents=True, exist_ok=True)
    (tmp_path / "etc").mkdir(exist_ok=True)
    (tmp_path / "etc/x").write_bytes(b"x")
    (info / "odd.list").write_bytes(b"/etc/x\n" + listed)
    (info / "odd.md5sums").write_bytes(sums)
    (tmp_path / "var/lib/dpkg/status").write_bytes(status)
    (tmp_path / "var/lib/dpkg/diversions").write_bytes(away)
    assert origin(tmp_path, b"etc/x")[0] in ("unknown", "changed", "package", "conffile", "foreign")
