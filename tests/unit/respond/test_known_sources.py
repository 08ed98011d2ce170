from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from blake3 import blake3
from msgspec.structs import replace

from codered import respond
from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.known_good.contents import ContentStore
from codered.known_good.storing import SignedBaseline
from codered.model.known_good import Baseline, FileRecord, FolderRecord
from codered.model.paths import FilePath
from codered.model.plan import NoSource, Source
from codered.respond.known_sources import PlanWishes, open_sources
from tests.fixtures.changing import FolderTarget
from tests.fixtures.signed_repository import FILES, signed_repository

STATUS = "Package: inert\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0-1\n"
BODY = b"as it was when it could be trusted\n"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def keep(state: Path, signer: str = "ed25519:abc") -> SignedBaseline:
    """A baseline that kept one file's content."""
    sha256 = ContentStore(state / "baselines/contents").put(BODY)
    record = FileRecord(0o100644, 0, 0, len(BODY), sha256=bytes.fromhex(sha256), mtime_ns=5)
    folder = FolderRecord(b"www", b"index.html", b"\0" * 40, msgspec.msgpack.encode([record]))
    made = datetime(2026, 1, 2, tzinfo=UTC)
    baseline = Baseline(
        id="b1", tool="t", created=made, host="h", root="/", system="linux", places=(b"",), folders=(folder,)
    )
    return SignedBaseline(baseline, signer, state)


def find(target: FolderTarget, rel: str, wishes: PlanWishes) -> Source | NoSource:
    finder = open_sources(target, wishes, PackageDatabase(Reader(target)))
    try:
        return finder.find(FilePath(f"{target.info.root}/{rel}"))
    finally:
        finder.close()


def test_a_signed_baseline_gives_back_what_it_kept(target: FolderTarget, state: Path) -> None:
    found = find(target, "www/index.html", PlanWishes(baseline=keep(state)))
    assert isinstance(found, Source)
    assert Path(found.path.text).read_bytes() == BODY
    assert (found.mode, found.mtime_ns) == (0o644, 5)
    assert found.origin == "baseline b1 of 2026-01-02, signed by ed25519:abc"


@pytest.mark.parametrize(
    ("rel", "signer", "why"),
    [
        ("www/index.html", "", "not signed"),
        ("www/other.html", "ed25519:abc", "does not know it"),
        ("etc/x", "ed25519:abc", "does not know it"),
    ],
)
def test_without_a_source_the_reason_is_said(
    target: FolderTarget, state: Path, rel: str, signer: str, why: str
) -> None:
    found = find(target, rel, PlanWishes(baseline=keep(state, signer)))
    assert isinstance(found, NoSource)
    assert why in found.because
    assert "no package has it" in found.because


def test_a_content_that_was_tampered_with_is_no_source(target: FolderTarget, state: Path) -> None:
    signed = keep(state)
    (kept,) = (path for path in (state / "baselines/contents").rglob("*") if path.is_file())
    body = bytearray(kept.read_bytes())
    body[-1] ^= 1
    kept.write_bytes(body)
    assert isinstance(find(target, "www/index.html", PlanWishes(baseline=signed)), NoSource)


def test_no_baseline_and_no_package(target: FolderTarget) -> None:
    found = find(target, "www/index.html", PlanWishes())
    assert isinstance(found, NoSource)
    assert respond.PlanWishes is PlanWishes


def make_record(root: Path, record: FileRecord) -> PlanWishes:
    """A signed baseline that knows www/x, and kept nothing."""
    folder = FolderRecord(b"www", b"x", b"\0" * 40, msgspec.msgpack.encode([record]))
    signed = keep(root / "state")
    return PlanWishes(baseline=replace(signed, baseline=replace(signed.baseline, folders=(folder,))))


def test_a_file_whose_rights_only_were_changed_is_its_own_source(target: FolderTarget, tmp_path: Path) -> None:
    page = Path(target.info.root) / "www/x"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_bytes(BODY)
    page.chmod(0o4755)
    wishes = make_record(tmp_path, FileRecord(0o100644, 0, 0, len(BODY), digest=blake3(BODY).digest()))
    found = find(target, "www/x", wishes)
    assert isinstance(found, Source)
    assert (Path(found.path.text).read_bytes(), found.mode, found.owns_attributes) == (BODY, 0o644, True)
    page.write_bytes(b"as it is")
    changed = find(target, "www/x", wishes)
    assert changed == NoSource("the baseline kept no content of it; no package has it")
    page.unlink()
    assert find(target, "www/x", wishes) == changed
    page.symlink_to("/etc/passwd")
    assert find(target, "www/x", wishes) == changed


def test_the_package_that_the_records_name(tmp_path: Path) -> None:
    root, conf, page = tmp_path / "packaged", "etc/inert.conf", "usr/share/inert/page.php"
    info = root / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    (info.parent / "status").write_text(STATUS)
    (info / "inert.list").write_text(f"/.\n/usr\n/{page}\n/{conf}\n")
    with signed_repository(tmp_path / "repository") as made:
        known = PlanWishes(packages=(made.packages,), lists=made.lists, keyring=made.keyring, offline=True)
        found = find(FolderTarget(root), page, known)
        assert isinstance(found, Source)
        assert Path(found.path.text).read_bytes() == FILES[page]
        (info.parent / "status").write_text(STATUS.replace("1.0-1", "1.0-2"))
        newer = find(FolderTarget(root), page, known)
    assert isinstance(newer, NoSource)
    assert "inert 1.0-2 stands in no signed index" in newer.because
