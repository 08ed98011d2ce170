from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.collect import dpkg_files
from codered.collect.autostart.reading import Reader
from codered.collect.dpkg_files import TOO_MANY, DpkgFiles
from codered.collect.recorded_files import WHOLE, Share
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own


def open_files(root: Path, share: Share = WHOLE) -> tuple[Reader, DpkgFiles]:
    reader = Reader(open_target(str(root)))
    return reader, DpkgFiles(reader, share)


def test_configuration_is_left_out_and_names_have_no_digest(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"etc/app": "conf", "usr/lib/app/x": "x"}, conffiles=("etc/app",))
    with (root / "var/lib/dpkg/info/app.list").open("a") as listed:
        listed.write("/usr/lib/app\n")
    _, files = open_files(root)
    found = {item.rel: bool(item.digest) for item in files.read() if item.package == "app"}
    assert found == {b"usr/lib/app/x": True, b"usr/lib/app": False}
    assert files.packages == 2


def test_a_path_that_was_struck_from_the_list_is_still_compared(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"usr/lib/app/x": "x", "usr/lib/app/y": "y", "etc/app": "conf"}, conffiles=("etc/app",))
    (root / "var/lib/dpkg/info/app.list").write_text("/.\n/usr/lib/app/y\n")
    found = {item.rel: len(item.digest) for item in open_files(root)[1].read() if item.package == "app"}
    assert found == {b"usr/lib/app/x": 32, b"usr/lib/app/y": 32}
    with (root / "var/lib/dpkg/info/app.md5sums").open("a") as sums:
        sums.write("0" * 32 + "  etc/app\n")
    assert b"etc/app" not in {item.rel for item in open_files(root)[1].read()}


def test_what_is_removed_but_for_its_configuration_is_not_expected(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"usr/lib/app/x": "x"})
    status = root / "var/lib/dpkg/status"
    status.write_text(
        status.read_text().replace("app\nStatus: install ok installed", "app\nStatus: deinstall ok config-files")
    )
    assert {item.package for item in open_files(root)[1].read()} == {"bash"}


def test_a_list_without_end_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_root(tmp_path)
    own(root, "app", {f"usr/lib/app/{number}": "x" for number in range(20)})
    monkeypatch.setattr(dpkg_files, "MOST_FILES", 10)
    reader, files = open_files(root)
    assert {item.package for item in files.read()} == {"bash"}
    assert [item.why for item in reader.unread] == [TOO_MANY]


def test_a_large_package_is_cut_over_the_shares(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    apart = {f"usr/lib/large/{number}": "x" for number in range(100)}
    tree = {f"usr/lib/node_modules/npm/{number}.js": "x" for number in range(50)}
    own(root, "large", apart | tree)
    status = root / "var/lib/dpkg/status"
    status.write_text(status.read_text().replace("Package: large\n", "Package: large\nInstalled-Size: 999999\n"))
    dealt = [
        [item.rel.decode() for item in open_files(root, Share(part, 4))[1].read() if item.package == "large"]
        for part in range(4)
    ]
    assert sorted(name for names in dealt for name in names) == sorted([*apart, *tree])
    assert min(len(set(names) & set(apart)) for names in dealt) > 5
    assert sorted(len(set(names) & set(tree)) for names in dealt) == [0, 0, 0, 50]  # told as a whole, if it was renewed


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300), st.binary(max_size=300))
def test_no_record_brings_it_down(tmp_path: Path, status: bytes, listed: bytes, sums: bytes) -> None:
    root = tmp_path / "root"
    info = root / "var/lib/dpkg/info"
    info.mkdir(parents=True, exist_ok=True)
    (root / "etc").mkdir(exist_ok=True)
    (root / "usr").mkdir(exist_ok=True)
    (root / "var/lib/dpkg/status").write_bytes(b"Package: a\nStatus: install ok installed\n" + status)
    (info / "a.list").write_bytes(b"/usr/x\n" + listed)
    (info / "a.md5sums").write_bytes(sums)
    for item in open_files(root)[1].read():
        assert not item.rel.startswith(b"/")
        assert len(item.digest) in (0, 32)
