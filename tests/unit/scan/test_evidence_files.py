import hashlib
import os
from pathlib import Path

import pytest

from codered.evidence.container import Kept
from codered.evidence.reading import read_item
from codered.evidence.standalone_verifier import verify_container
from codered.model.evidence import EvidenceManifest
from codered.model.paths import FilePath, path_from_bytes
from codered.scan import evidence_files
from codered.scan.evidence_files import collect_below, collect_file, measure_file, read_pieces
from codered.scan.evidence_secrets import REASON, Secrets, load_secrets, recognise_secrets
from codered.targets import open_target
from tests.fixtures.evidence import open_container, read_manifest

LONG = b"n" * 251 + b".php"
ODD_NAMES = [b"a\nb", b"\xff\xfe", b"..x", b"'; $(x)", LONG, b"\x1b[2J", b"=cmd()"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "srv").mkdir(parents=True)
    return folder


def collect(root: Path, *names: bytes, secrets: Secrets | None = None) -> tuple[Path, EvidenceManifest]:
    target, container = open_target(str(root)), open_container(root.parent)
    for name in names:
        path = path_from_bytes(os.fsencode(root) + b"/" + name)
        collect_file(container, target, path, load_secrets() if secrets is None else secrets)
    folder = Path(container.finish().folder)
    assert verify_container(str(folder)).problems == []
    return folder, read_manifest(folder)


def test_a_file_is_kept_with_all_that_it_was(root: Path) -> None:
    path = root / "srv/x.php"
    path.write_bytes(b"inert")
    path.chmod(0o4755)
    os.setxattr(path, "user.mark", b"\0\xff")
    os.utime(path, ns=(10**18 + 7, 10**18 + 9))
    folder, manifest = collect(root, b"srv/x.php")
    (item,) = manifest.items
    seen = item.origin.attributes
    assert seen is not None
    assert (seen.mode, seen.mtime_ns, seen.uid) == (0o104755, 10**18 + 9, os.getuid())
    assert seen.ctime_ns == path.stat().st_ctime_ns
    assert ("user.mark", b"\0\xff") in seen.xattrs
    assert seen.folder is not None
    assert seen.folder.mtime_ns == (root / "srv").stat().st_mtime_ns
    assert read_item(folder, item) == b"inert"
    assert item.sha256 == hashlib.sha256(b"inert").hexdigest()
    assert not item.changed


def test_odd_names_never_become_paths(root: Path) -> None:
    for name in ODD_NAMES:
        with open(os.fsencode(root) + b"/srv/" + name, "wb") as file:
            file.write(name)
    folder, manifest = collect(root, *(b"srv/" + name for name in ODD_NAMES))
    kept = {item.origin.path.to_bytes() for item in manifest.items if item.origin.path}
    assert kept == {os.fsencode(root) + b"/srv/" + name for name in ODD_NAMES}
    assert sorted(os.listdir(folder / "items")) == [f"{n:06}" for n in range(1, len(ODD_NAMES) + 1)]


def test_what_is_no_file_is_left_out_with_the_reason(root: Path) -> None:
    os.mkfifo(root / "srv/fifo")
    (root / "way").symlink_to("srv")
    (root / "srv/x").write_bytes(b"")
    _, manifest = collect(root, b"srv/fifo", b"srv", b"gone", b"gone/x", b"way/x", b"../outside")
    assert manifest.items == ()
    assert [left.because for left in manifest.left_out] == [
        "is no regular file", "is no regular file", "is not there any more", "is not there any more",
        "a link lies on the way to it", "does not lie beneath the target's root",
    ]  # fmt: skip


def test_of_a_link_is_kept_where_it_leads(root: Path) -> None:
    (root / "srv/l").symlink_to(b"/etc/sha\xffdow")
    folder, manifest = collect(root, b"srv/l")
    assert manifest.items[0].origin.kind == "link"
    assert read_item(folder, manifest.items[0]) == b"/etc/sha\xffdow"


def test_secrets_stay_out_unless_they_are_asked_for(root: Path) -> None:
    (root / "etc").mkdir()
    (root / "etc/shadow").write_bytes(b"root:x")
    (root / "srv/innocent.txt").write_bytes(b"a\n-----BEGIN RSA PRIVATE KEY-----\n")
    folder, manifest = collect(root, b"etc/shadow", b"srv/innocent.txt")
    assert manifest.items == ()
    assert {left.because for left in manifest.left_out} == {"a secret: --include-secrets takes it too"}
    assert os.listdir(folder / "items") == []
    assert len(collect(root, b"etc/shadow", b"srv/innocent.txt", secrets=Secrets())[1].items) == 2


def test_a_sparse_giant_is_kept_in_part_and_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_files, "PART", 4096)
    with open(root / "srv/giant", "wb") as file:
        file.write(b"head")
        file.truncate(1 << 40)
    path = FilePath(str(root / "srv/giant"))
    assert measure_file(open_target(str(root)), path) == 4096
    (root.parent / "evidence").mkdir()
    folder, manifest = collect(root, b"srv/giant")
    assert (manifest.items[0].full_size, manifest.items[0].size) == (1 << 40, 4096)
    assert read_item(folder, manifest.items[0]) == b"head" + bytes(4092)


def test_the_end_of_a_large_file_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"0123456789")
    kept = Kept()
    with path.open("rb") as file:
        assert b"".join(read_pieces(file.fileno(), kept, 8, tail=4)) == b"6789"
    assert (kept.full_size, kept.offset, kept.changed) == (10, 6, False)


@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite"])
def test_a_file_that_changes_while_it_is_read_is_marked(
    tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_files, "PIECE", 4)
    path = tmp_path / "x"
    path.write_bytes(b"0123456789")
    kept = Kept()
    with path.open("r+b", buffering=0) as file:
        pieces = read_pieces(file.fileno(), kept)
        assert next(pieces) == b"0123"
        if change == "shrink":
            file.truncate(5)
        else:
            file.seek(10 if change == "grow" else 4)
            file.write(b"more")
        rest = b"".join(pieces)
    assert kept.changed
    assert rest == {"grow": b"456789", "shrink": b"4", "rewrite": b"more89"}[change]


def test_a_file_of_the_system_is_kept_if_it_is_there(root: Path) -> None:
    (root / "srv/status").write_bytes(b"Package: x\n")
    os.mkfifo(root / "srv/odd")
    target, container = open_target(str(root)), open_container(root.parent)
    for name in (b"srv/status", b"srv/none", b"srv/odd"):
        collect_below(container, target, name, path_from_bytes(target.absolute(name)), "packages")
    manifest = read_manifest(Path(container.finish().folder))
    assert [item.origin.kind for item in manifest.items] == ["packages"]
    assert len(manifest.left_out) == 1


def test_nothing_is_measured_of_what_is_not_there(root: Path) -> None:
    assert measure_file(open_target(str(root)), FilePath(str(root / "none"))) == 0
    assert measure_file(open_target(str(root)), FilePath("/elsewhere")) == 0


def test_a_hard_link_to_a_password_file_is_left_out(root: Path) -> None:
    (root / "etc").mkdir()
    (root / "etc/shadow").write_bytes(b"root:inert:\n")
    (root / "srv/x.php").hardlink_to(root / "etc/shadow")
    _, manifest = collect(root, b"srv/x.php", secrets=recognise_secrets(load_secrets(), open_target(str(root))))
    assert manifest.items == ()
    assert [left.because for left in manifest.left_out] == [REASON]
