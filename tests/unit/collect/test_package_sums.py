import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest

from codered.collect.dpkg_files import DAMAGED, NO_SUMS
from codered.collect.package_sums import LOST, Verified, count_shares, verify_packages
from codered.collect.recorded_files import Share
from codered.targets import open_target
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.autostart_roots import make_root, own, write
from tests.fixtures.package_roots import build_deb, build_rpm, install_deb, install_rpm

FILES = {
    "usr/bin/tool": "#!/bin/sh\n", "usr/lib/app/page.php": "<?php\n", "usr/lib/app/gone": "x", "etc/app.conf": "a=1\n",
    "usr/share/doc/app/copyright": "free\n", "usr/lib/app/same": "s",
}  # fmt: skip


def verify(root: Path, processes: int = 1, names: bool = True) -> Verified:
    return verify_packages(open_target(str(root)), processes=processes, names=names)


def told(verified: Verified) -> set[tuple[str, str]]:
    return {(item.kind, item.shown or "") for item in verified.deviations}


def test_a_real_package_of_which_files_were_changed_gets_the_findings_of_dpkg(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name in ("etc", "usr", "bin"):
        (root / name).mkdir(parents=True)
    install_deb(root, build_deb(tmp_path, "app", FILES, conffiles=("etc/app.conf",)))
    clean = verify(root)
    assert (clean.deviations, clean.unread, clean.packages, clean.files) == ((), (), 1, 5)
    assert clean.sought["app"] == verify(root, processes=3).sought["app"] >= 5
    (root / "usr/lib/app/page.php").write_text("<?php // other\n")
    (root / "usr/lib/app/gone").unlink()
    (root / "etc/app.conf").write_text("a=2\n")
    verified = verify(root)
    lines = subprocess.run(
        ["dpkg", "--root", str(root), "--verify", "app"], capture_output=True, text=True, check=False
    ).stdout.splitlines()
    theirs = {m[2] for line in lines if (m := re.fullmatch(r"(\S+) +(/.*)", line))}
    assert {path for _, path in told(verified)} == theirs == {"/usr/lib/app/page.php", "/usr/lib/app/gone"}
    changed = next(item for item in verified.deviations if item.kind == "content")
    assert changed.package == "app"
    assert changed.truth == "package-database"
    assert changed.sha256 == hashlib.sha256(b"<?php // other\n").hexdigest()
    assert changed.expected == "MD5 " + hashlib.md5(b"<?php\n", usedforsecurity=False).hexdigest()
    assert changed.text == b"<?php // other\n"
    assert verify(root, processes=3) == verified


def test_what_dpkg_does_not_unpack_is_not_missed(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", FILES)
    write(root, {"etc/dpkg/dpkg.cfg.d/docker": "path-exclude=/usr/share/doc/*\n"})
    (root / "usr/share/doc/app/copyright").unlink()
    (root / "usr/lib/app/gone").unlink()
    verified = verify(root)
    assert told(verified) == {("missing", "/usr/lib/app/gone")}
    assert verified.excluded == 1


def test_lost_and_damaged_checksums_are_gaps_that_name_the_package(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    for name in ("lost", "empty", "damaged"):
        own(root, name, {f"usr/lib/{name}": "x"})
    info = root / "var/lib/dpkg/info"
    (info / "lost.md5sums").unlink()
    (info / "empty.md5sums").write_text("")
    (info / "damaged.md5sums").write_text("nonsense\n")
    whys = {item.why for item in verify(root).unread if item.state == "failed"}
    assert {f"package lost: {NO_SUMS}", f"package empty: {NO_SUMS}", f"package damaged: {DAMAGED}"} <= whys


def test_a_file_without_a_checksum_among_others_that_have_one_is_said(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", FILES)
    sums = root / "var/lib/dpkg/info/app.md5sums"
    sums.write_text("".join(line for line in sums.read_text().splitlines(True) if "tool" not in line))
    assert [item.rel for item in verify(root).unread] == [b"usr/bin/tool"]
    assert verify(root, names=False).unread == ()


def test_records_that_lead_out_of_the_root_are_not_followed(tmp_path: Path) -> None:
    root = make_root(tmp_path / "root")
    (tmp_path / "secret").write_text("outside")
    own(root, "app", {"usr/lib/app/x": "x"})
    info = root / "var/lib/dpkg/info"
    digest = hashlib.md5(b"x", usedforsecurity=False).hexdigest()
    odd = ["../secret", "usr/../../secret", "usr/lib/app/out/secret", "usr/lib/app/nul\0", "usr//lib"]
    (root / "usr/lib/app/out").symlink_to(tmp_path)
    (info / "app.list").write_text("/.\n" + "".join(f"/{name}\n" for name in odd))
    (info / "app.md5sums").write_text("".join(f"{digest}  {name}\n" for name in odd))
    verified = verify(root)
    outside = hashlib.sha256(b"outside").hexdigest()
    assert all(item.sha256 != outside and item.kind == "missing" for item in verified.deviations)
    assert {item.rel for item in verified.unread} >= {b"../secret", b"usr/../../secret", b"usr/lib/app/nul\0"}


def test_a_file_made_a_link_is_of_another_kind(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"usr/lib/app/x": "x", "usr/lib/app/y": "y"})
    (root / "usr/lib/app/x").unlink()
    (root / "usr/lib/app/x").symlink_to("y")
    (root / "usr/lib/app/y").unlink()
    os.mkfifo(root / "usr/lib/app/y")
    kinds = {(item.kind, item.expected, item.actual) for item in verify(root).deviations}
    assert kinds == {("type", "a file", "a link"), ("type", "a file", "a fifo")}


def test_shares_together_are_the_whole(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    for number in range(7):
        own(root, f"app{number}", {f"usr/lib/app{number}/{name}": "x" for name in range(5)})
        (root / f"usr/lib/app{number}/3").write_text("changed")
    target = open_target(str(root))
    parts = [verify_packages(target, share=Share(part, 4), processes=1) for part in range(4)]
    whole = verify_packages(target, processes=1)
    assert sum(part.files for part in parts) == whole.files
    assert sum(part.packages for part in parts) == whole.packages == 8
    assert {item for part in parts for item in part.deviations} == set(whole.deviations)
    assert len(whole.deviations) == 7


def test_a_share_whose_process_dies_is_a_gap(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", FILES)
    parent = os.getpid()

    def die(_rel: bytes) -> bool:
        assert os.getpid() != parent
        os._exit(9)

    verified = verify_packages(open_target(str(root)), die, processes=2)
    assert LOST in {item.why for item in verified.unread}


def test_a_database_of_rpm_tells_content_rights_and_capabilities(tmp_path: Path) -> None:
    root = tmp_path / "root"
    install_rpm(root, build_rpm(tmp_path))
    target = OfflineRoot(str(root))
    data = root / "usr/share/tiny/data"
    if not os.getxattr(data, "security.capability"):
        pytest.fail("rpm set no capability")
    assert verify_packages(target, processes=1).deviations == ()
    (root / "usr/bin/tiny").write_text("changed")
    (root / "usr/bin/tiny").chmod(0o4755)
    os.removexattr(data, "security.capability")
    (root / "usr/share/tiny/link").unlink()
    (root / "usr/share/tiny/link").symlink_to("/tmp/x")
    (root / "etc/tiny.conf").write_text("a=2")
    verified = verify_packages(target, processes=1)
    assert {(item.kind, item.shown) for item in verified.deviations} == {
        ("content", "/usr/bin/tiny"), ("mode", "/usr/bin/tiny"), ("capabilities", "/usr/share/tiny/data"),
        ("link", "/usr/share/tiny/link"),
    }  # fmt: skip
    assert next(item for item in verified.deviations if item.kind == "mode").actual == "4755"
    assert count_shares(target, 3) == 3


def test_a_root_without_records_has_no_shares(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "usr").mkdir()
    target = OfflineRoot(str(tmp_path))
    assert count_shares(target, 2) == 0
    assert verify_packages(target, processes=1) == Verified()
