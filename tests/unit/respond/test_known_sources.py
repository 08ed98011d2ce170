from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

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
