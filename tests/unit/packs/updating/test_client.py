"""The attacks of TUF's specification, each against a host that has a good set in use: it stays in use."""

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from tuf.api.metadata import MetaFile, Snapshot, TargetFile, Targets

from codered.model.errors import CodeRedError, CoverageIncomplete, Refused
from codered.packs.updating.archives import write_archive
from codered.packs.updating.index import Index, IndexedPack, write_index
from codered.packs.updating.publishing import refresh_repository
from codered.packs.updating.rotating import rotate_key
from tests.fixtures.pack_publisher import (
    DAY,
    NOW,
    PATIENT,
    QUICK,
    Host,
    Publisher,
    copy_repository,
    digest_tree,
    serve,
    static_files,
)


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    made = Publisher(tmp_path / "publisher")
    made.publish("2030.01.1")
    return made


@pytest.fixture
def host(tmp_path: Path, publisher: Publisher) -> Host:
    made = Host(tmp_path / "host", publisher)
    assert made.update().state == "new"
    return made


@pytest.fixture(autouse=True)
def set_in_use_stays(host: Host, request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a source does, the tool has the packs that it had; a test that installs says so by its mark."""
    before = host.versions()
    assert before == {"newworm": "2030.01.1", "oldworm": "2029.05.1"}
    yield
    if "installs" not in request.fixturenames:
        assert host.versions() == before


@pytest.fixture
def installs() -> None:
    """This test ends with another set."""


def refused(host: Host, what: str, *, now: timedelta = timedelta(0), kind: type[CodeRedError] = Refused) -> str:
    with pytest.raises(kind, match=what) as caught:
        host.update(NOW + now)
    assert "packs in use stay" in str(caught.value) or "nothing was changed" in str(caught.value)
    return str(caught.value)


def break_target(publisher: Publisher, change: Callable[[bytes], bytes]) -> None:
    for path in (publisher.repository / "targets").iterdir():
        path.write_bytes(change(path.read_bytes()))


def test_arbitrary_software_is_not_taken(publisher: Publisher, host: Host) -> None:
    publisher.publish("2030.01.2")
    good = copy_repository(publisher, publisher.work / "good")
    break_target(publisher, lambda data: data[:-1] + bytes([data[-1] ^ 1]))
    refused(host, "other content than was signed")
    for role in ("timestamp", "snapshot", "targets"):  # signed by a key that is another role's
        shutil.rmtree(publisher.repository)
        shutil.copytree(good, publisher.repository)
        other = "targets" if role != "targets" else "timestamp"
        publisher.resign_chain(role, lambda _: None, keyids=publisher.state().root.signed.roles[other].keyids)
        fresh = Host(host.home.parent.parent / role, publisher)
        with pytest.raises(Refused, match="not signed by enough"):
            fresh.update()
        assert fresh.current() is None


def test_unsigned_metadata_is_not_taken(publisher: Publisher, host: Host) -> None:
    publisher.publish("2030.01.2")
    path = publisher.file("timestamp")
    path.write_bytes(path.read_bytes().replace(b'"sig":"', b'"sig":"00'))
    refused(host, "not signed by enough")


def test_an_older_state_is_not_taken(publisher: Publisher, host: Host, tmp_path: Path) -> None:
    """Rollback: by the timestamp alone, and by the whole repository."""
    old = copy_repository(publisher, tmp_path / "old")
    refresh_repository(publisher.order())
    publisher.force(lambda _: None)
    assert host.update().state == "same"
    shutil.copy(old / "metadata" / "timestamp.json", publisher.repository / "metadata" / "timestamp.json")
    refused(host, "older state than was seen")
    shutil.rmtree(publisher.repository)
    shutil.copytree(old, publisher.repository)
    refused(host, "older state than was seen")


def test_an_older_snapshot_or_list_under_a_new_timestamp_is_not_taken(publisher: Publisher, host: Host) -> None:
    """Rollback by somebody who has the keys of timestamp and snapshot, but not of targets."""
    publisher.publish("2030.01.2")

    def list_older(signed: Snapshot) -> None:
        signed.meta["targets.json"] = MetaFile(1)

    publisher.resign_chain("snapshot", list_older)
    refused(host, "older state than was seen")


def test_a_standstill_is_seen(publisher: Publisher, host: Host) -> None:
    """Indefinite freeze: each role's end is seen, the root's too."""
    assert host.update(NOW + 13 * DAY).state == "same"
    assert "timestamp" in refused(host, "expired", now=15 * DAY)
    refresh_repository(publisher.order(NOW + 14 * DAY, days=1000))
    assert "root.json" in refused(host, "expired", now=400 * DAY)
    rotate_key(publisher.order(NOW + 399 * DAY), "root")
    refresh_repository(publisher.order(NOW + 399 * DAY))
    assert host.update(NOW + 400 * DAY).state == "same"
    for role in ("targets", "snapshot"):
        publisher.force(lambda _: None, now=NOW + 399 * DAY)
        publisher.resign_chain(role, lambda signed: setattr(signed, "expires", NOW - DAY))
        assert role in refused(host, "expired", now=400 * DAY)


def test_parts_of_different_times_are_not_mixed(publisher: Publisher, host: Host) -> None:
    """Mix and match: a list of targets of another time under the snapshot of now."""
    old = publisher.file("targets").read_bytes()
    publisher.publish("2030.01.2")
    publisher.file("targets").write_bytes(old)
    refused(host, "other content than was signed")


def test_more_than_was_said_is_not_read(publisher: Publisher, host: Host) -> None:
    """Endless data, from a folder: larger than signed, and more metadata than there may be."""
    publisher.publish("2030.01.2")
    break_target(publisher, lambda data: data + b"\0" * 1000)
    refused(host, "more than was signed")
    publisher.file("timestamp").write_bytes(b" " * 20_000)
    refused(host, "more than was signed")
    (publisher.repository / "metadata" / "2.root.json").write_bytes(b" " * (100 << 10))
    refused(host, "more than was signed")


@pytest.mark.parametrize("slow", ["head", "body", "silent", "endless"])
def test_a_server_that_never_ends_is_left(publisher: Publisher, host: Host, slow: str, tmp_path: Path) -> None:
    """Slow retrieval and endless data, from a server: a byte now and then, nothing at all, or without end."""

    class Bad(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            begin = b"HTTP/1.0 200 OK\r\n" + (b"" if slow == "head" else b"\r\n")
            try:
                self.wfile.write(begin)
                for _ in range(100):
                    self.wfile.write({"head": b"x", "body": b"x", "silent": b"", "endless": b" " * 65536}[slow])
                    self.wfile.flush()
                    time.sleep(0 if slow == "endless" else 0.1)
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    kind = Refused if slow == "endless" else CoverageIncomplete
    host.limits = PATIENT if slow == "endless" else QUICK
    with serve(Bad) as place, pytest.raises(kind, match=r"more than was signed|too slow"):
        host.update(place=place)


def test_nothing_is_taken_that_the_list_does_not_name(publisher: Publisher, host: Host) -> None:
    """Extraneous dependencies: a signed target more is never fetched; a listed one that is not signed is refused."""
    archive = write_archive({"pack.yaml": b"x"})

    def add(targets: Targets) -> None:
        extra = TargetFile.from_data("extra-2030.01.1.tar.zst", archive, ["sha256"])
        targets.targets["extra-2030.01.1.tar.zst"] = extra

    publisher.force(add)  # the file itself is not even there
    assert host.update().state == "same"

    index = Index(packs=(IndexedPack(name="ghost", version="2030.01.1", digest="0" * 64, target="ghost.tar.zst"),))
    publisher.publish_index(write_index(index))
    refused(host, "ghost.tar.zst, but has not signed it")


LISTED = '{"format":1,"packs":[{"name":"%s","version":"2030.01.1","digest":"' + "0" * 64 + '","target":"%s"}]}'


@pytest.mark.parametrize(
    "data",
    [b"<html>", b"[" * 100_000, b'{"format": 2}', (LISTED % ("../x", "a.tar.zst")).encode(),
     (LISTED % ("x", "../a.tar.zst")).encode()],
)  # fmt: skip
def test_a_signed_list_is_not_believed_everything(publisher: Publisher, host: Host, data: bytes) -> None:
    publisher.publish_index(data)
    refused(host, "list of packs is not understood")


def test_a_signed_archive_is_not_believed_everything(publisher: Publisher, host: Host) -> None:
    entry = IndexedPack(name="x", version="2030.01.1", digest="0" * 64, target="x.tar.zst")
    publisher.publish_index(write_index(Index(packs=(entry,))), x=write_archive({"pack.yaml": b"x"}))
    refused(host, "other files than its list says")
    publisher.publish_index(write_index(Index(packs=(entry,))), x=b"no archive")
    refused(host, "can't be unpacked")


def test_a_target_may_not_lead_out_of_its_folder(publisher: Publisher, host: Host) -> None:
    def add(targets: Targets) -> None:
        bad = TargetFile.from_data("../../etc/cron.d/x", b"x", ["sha256"])
        targets.targets["../../etc/cron.d/x"] = bad

    publisher.force(add)
    refused(host, "leads elsewhere")


def test_the_old_key_is_worth_nothing_after_a_rotation(publisher: Publisher, host: Host, installs: None) -> None:
    for role in ("timestamp", "snapshot", "targets", "root"):
        old = publisher.state().root.signed.roles[role].keyids[0]
        rotate_key(publisher.order(), role)
        assert host.update().state == "same"  # the chain of roots is followed
        assert old not in publisher.state().root.signed.roles[role].keyids
        if role == "root":
            continue
        kept = copy_repository(publisher, publisher.work / role)
        publisher.resign_chain(role, lambda _: None, keyids=[old])
        fresh = Host(host.home.parent.parent / f"fresh-{role}", publisher)
        with pytest.raises(Refused, match="not signed by enough"):
            fresh.update()
        shutil.rmtree(publisher.repository)
        shutil.copytree(kept, publisher.repository)
    publisher.publish("2030.01.2")
    assert host.update().state == "new"
    assert host.versions()["newworm"] == "2030.01.2"


def test_fewer_root_keys_than_the_threshold_change_nothing(tmp_path: Path, host: Host) -> None:
    """Key compromise below the threshold: one of two root keys signs a new root with a thief's keys."""
    strong = Publisher(tmp_path / "strong", threshold=2, root_keys=3)
    strong.publish("2030.01.1")
    other = Host(tmp_path / "other", strong)
    other.update()
    before = digest_tree(other.home / "sets")
    thief = Publisher(tmp_path / "thief")
    root = strong.state().root
    stolen = root.signed.roles["root"].keyids[0]
    root.signed.version += 1
    for signer in thief.signers().values():
        root.signed.add_key(signer.public_key, "timestamp")
    root.signatures.clear()
    root.sign(strong.signers()[stolen])
    root.to_file(str(strong.repository / "metadata" / "2.root.json"))
    with pytest.raises(Refused, match="not signed by enough"):
        other.update()
    assert digest_tree(other.home / "sets") == before
    root.signed.roles["root"].threshold = 1  # nor when the new root says that one is enough
    root.signatures.clear()
    root.sign(strong.signers()[stolen])
    root.to_file(str(strong.repository / "metadata" / "2.root.json"))
    with pytest.raises(Refused, match="not signed by enough"):
        other.update()


def test_a_mirror_that_serves_garbage_is_refused(publisher: Publisher, host: Host) -> None:
    """Malicious mirror: HTML, nothing, zeros, deep nesting, truncated JSON in place of any file."""
    publisher.publish("2030.01.2")
    new_root = publisher.repository / "metadata" / "2.root.json"
    for path in (new_root, *(publisher.file(role) for role in ("timestamp", "snapshot", "targets"))):
        good = path.read_bytes() if path.exists() else b""
        for garbage in (b"<html>Please log in</html>", b"", b"\0" * 900, b"[" * 15_000, b'{"signed": {', good[:-40]):
            path.write_bytes(garbage)
            refused(host, "no signed metadata|other content than was signed|not signed|more than was signed")
        path.write_bytes(good)
        if path == new_root:
            path.unlink()


def test_a_mirror_lags_or_lacks_files(publisher: Publisher, host: Host) -> None:
    publisher.publish("2030.01.2")
    publisher.file("targets").unlink()
    refused(host, "can't be had", kind=CoverageIncomplete)
    (publisher.repository / "metadata" / "timestamp.json").unlink()
    refused(host, "can't be had", kind=CoverageIncomplete)


def test_versions_driven_up_by_a_thief_are_recovered_from(publisher: Publisher, host: Host, installs: None) -> None:
    """Fast-forward: the keys of timestamp and snapshot were stolen and their versions driven up; new keys end that."""
    honest = copy_repository(publisher, publisher.work / "honest")
    far = 1 << 31
    publisher.resign_chain("snapshot", lambda signed: setattr(signed, "version", far))
    publisher.resign("timestamp", lambda signed: setattr(signed, "version", far))
    assert host.update().state == "same"  # it was believed: it is signed
    shutil.rmtree(publisher.repository)
    shutil.copytree(honest, publisher.repository)
    refused(host, "older state than was seen")
    rotate_key(publisher.order(), "timestamp")
    rotate_key(publisher.order(), "snapshot")
    publisher.publish("2030.01.2")
    assert host.update().state == "new"
    assert host.versions()["newworm"] == "2030.01.2"


def test_a_web_server_and_a_folder_give_the_same(publisher: Publisher, host: Host, installs: None) -> None:
    publisher.publish("2030.01.2")
    with serve(static_files(publisher.repository)) as place:
        assert host.update(place=place).state == "new"
        assert host.update().state == "same"
        assert host.update(place=place).state == "same"
