from array import array
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from blake3 import blake3

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

STATUS = """Package: inert
Status: install ok installed
Architecture: all
Version: 1.0-1
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderTarget:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    (tmp_path / "root/www").mkdir(parents=True)
    return FolderTarget(tmp_path / "root")


def make_signed(files: dict[str, FileRecord], signer: str = "ed25519:abc") -> SignedBaseline:
    """A baseline of files in the folder www."""
    folder = FolderRecord(
        rel=b"www", names="/".join(files).encode(), numbers=array("q", [0] * 5 * len(files)).tobytes(),
        files=msgspec.msgpack.encode(list(files.values())),
    )  # fmt: skip
    made = datetime(2026, 11, 20, tzinfo=UTC)
    baseline = Baseline(
        id="b1", tool="codered", created=made, host="h", root="/", system="linux", places=(b"www",), folders=(folder,)
    )
    return SignedBaseline(baseline, signer, Path("b1.baseline"))


def find(target: FolderTarget, rel: str, wishes: PlanWishes) -> Source | NoSource:
    finder = open_sources(target, wishes, PackageDatabase(Reader(target)))
    try:
        return finder.find(FilePath(f"{target.info.root}/{rel}"))
    finally:
        finder.close()


def test_a_content_that_the_baseline_kept(target: FolderTarget, tmp_path: Path) -> None:
    sha256 = ContentStore(tmp_path / "state/baselines/contents").put(b"as it was")
    record = FileRecord(0o100640, 1, 2, 9, sha256=bytes.fromhex(sha256))
    found = find(target, "www/x", PlanWishes(baseline=make_signed({"x": record})))
    assert isinstance(found, Source)
    assert (found.sha256, found.mode, found.uid, found.owns_attributes) == (sha256, 0o640, 1, True)
    assert found.origin == "baseline b1 of 2026-11-20, signed by ed25519:abc"
    unsigned = find(target, "www/x", PlanWishes(baseline=make_signed({"x": record}, signer="")))
    assert unsigned == NoSource("the baseline is not signed; no package has it")
    other = find(target, "www/y", PlanWishes(baseline=make_signed({"x": record})))
    assert other == NoSource("the baseline does not know it; no package has it")


def test_a_file_whose_rights_only_were_changed_is_its_own_source(target: FolderTarget, tmp_path: Path) -> None:
    page = tmp_path / "root/www/x"
    page.write_bytes(b"as it was")
    page.chmod(0o4755)
    record = FileRecord(0o100644, 0, 0, 9, digest=blake3(b"as it was").digest())
    wishes = PlanWishes(baseline=make_signed({"x": record}))
    found = find(target, "www/x", wishes)
    assert isinstance(found, Source)
    assert (Path(found.path.text).read_bytes(), found.mode) == (b"as it was", 0o644)
    page.write_bytes(b"as it is")
    changed = find(target, "www/x", wishes)
    assert isinstance(changed, NoSource)
    assert changed.because == "the baseline kept no content of it; no package has it"
    page.unlink()
    assert find(target, "www/x", wishes) == changed
    page.symlink_to("/etc/passwd")
    assert find(target, "www/x", wishes) == changed


def test_the_package_that_the_records_name(target: FolderTarget, tmp_path: Path) -> None:
    info = tmp_path / "root/var/lib/dpkg/info"
    info.mkdir(parents=True)
    (info.parent / "status").write_text(STATUS)
    (info / "inert.list").write_text("/.\n/usr\n/usr/share/inert/page.php\n")
    with signed_repository(tmp_path / "repository") as made:
        known = PlanWishes(packages=(made.packages,), lists=made.lists, keyring=made.keyring, offline=True)
        found = find(target, "usr/share/inert/page.php", known)
        assert isinstance(found, Source)
        assert Path(found.path.text).read_bytes() == FILES["usr/share/inert/page.php"]
        (info.parent / "status").write_text(STATUS.replace("1.0-1", "1.0-2"))
        newer = find(target, "usr/share/inert/page.php", known)
        assert isinstance(newer, NoSource)
        assert "inert 1.0-2 stands in no signed index" in newer.because
