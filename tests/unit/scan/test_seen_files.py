import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from codered.model.target import Place, Volume
from codered.scan import ScanRequest, scan, seen_files
from codered.scan import worker as worker_module
from codered.scan.request import EarlierLooks
from codered.scan.seen_files import open_seen
from codered.scan.seen_store import SeenStore
from codered.scan.trusted_times import Clock
from codered.targets import open_target
from codered.targets.rooted import RootedTarget
from tests.fixtures.remembering import RULES, Desk, counts, said
from tests.fixtures.unprivileged import run_as_nobody


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    # The folder for tests may lie anywhere, and its files are new: both are believed here.
    monkeypatch.setattr(seen_files, "distrust_open", lambda descriptor: "")
    monkeypatch.setattr(worker_module, "SETTLING", -60_000_000_000)
    return Desk(tmp_path)


def test_what_did_not_change_is_not_read_again(desk: Desk) -> None:
    first, again, third = desk.scan(), desk.scan(), desk.scan()
    assert (counts(first), counts(again), counts(third)) == ((152, 0), (0, 152), (0, 152))
    assert {report.verdict for report in (first, again)} == {"clean"}
    assert said(first) == said(again) == []


def test_an_unchanged_cache_is_not_written_again(desk: Desk) -> None:
    desk.scan()
    (path,) = Path(desk.earlier.kept_in).iterdir()
    inode = path.stat().st_ino
    desk.scan()
    assert path.stat().st_ino == inode
    desk.write("new", b"clean")
    desk.scan()
    assert path.stat().st_ino != inode


def test_what_changed_a_moment_ago_is_not_remembered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "SETTLING", 60_000_000_000)
    desk.scan()
    assert counts(desk.scan()) == (152, 0)


def test_a_part_of_the_tree_leaves_the_rest_in_the_cache(desk: Desk) -> None:
    desk.scan()
    assert counts(desk.scan("a/b")) == (0, 1)
    assert counts(desk.scan("mine")) == (1, 0)  # named itself, it is read
    assert counts(desk.scan()) == (0, 152)


def test_what_is_gone_leaves_the_cache(desk: Desk) -> None:
    desk.scan()
    (desk.root / "a/b/plain").unlink()
    (desk.root / "a/b").rmdir()
    (desk.root / "a/f7").unlink()
    desk.scan()
    records = desk.kept().folders
    assert not [rel for rel in records if rel.endswith(b"a/b")]
    assert not [rel for rel, record in records.items() if b"f7\x94" in record]
    assert counts(desk.scan()) == (0, 150)


def test_the_cache_is_small(desk: Desk) -> None:
    desk.scan()
    (path,) = Path(desk.earlier.kept_in).iterdir()
    assert path.stat().st_size < 100 * 152
    assert path.stat().st_mode & 0o777 == Path(desk.earlier.key).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("harm", [lambda data: data[:-1], lambda data: b"", lambda data: data[:40] + b"\0" + data[41:]])
def test_a_damaged_cache_is_said_and_made_anew(desk: Desk, harm: Callable[[bytes], bytes]) -> None:
    desk.scan()
    (path,) = Path(desk.earlier.kept_in).iterdir()
    path.write_bytes(harm(path.read_bytes()))
    report = desk.scan()
    assert counts(report) == (152, 0)
    assert [(look.state, look.why) for look in said(report)] == [
        ("skipped", "the cache was damaged, or kept by a scan with another state folder: everything was looked at")
    ]
    assert counts(desk.scan()) == (0, 152)


def test_a_clock_set_back_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.scan()
    monkeypatch.setattr(seen_files, "read_clock", lambda: Clock(5, 0, "another boot"))
    report = desk.scan()
    assert counts(report) == (152, 0)
    assert "the clock was set back" in said(report)[0].why


def test_where_times_may_lie_nothing_is_remembered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.scan()
    monkeypatch.setattr(seen_files, "distrust_open", lambda descriptor: "it lies in memory")
    report = desk.scan()
    assert counts(report) == (152, 0)
    assert [(look.why, look.examples) for look in said(report)] == [
        ("not used here: it lies in memory", (str(desk.root),))
    ]
    monkeypatch.setattr(seen_files, "distrust_open", lambda descriptor: "")
    assert counts(desk.scan()) == (152, 0)


def test_another_disk_under_the_old_number(desk: Desk) -> None:
    desk.scan()
    kept = desk.kept()
    (name,) = (path.stem for path in Path(desk.earlier.kept_in).iterdir())
    other = replace(kept, devices={device: identity + 1 for device, identity in kept.devices.items()})
    SeenStore(Path(desk.earlier.kept_in), Path(desk.earlier.key)).write(name, msgspec.msgpack.encode(other))
    report = desk.scan()
    assert counts(report) == (152, 0)
    assert "another disk" in said(report)[0].why
    assert counts(desk.scan()) == (0, 152)


def test_asked_not_to_it_says_so(desk: Desk) -> None:
    desk.scan()
    report = desk.scan(earlier=EarlierLooks(refused="--no-cache"))
    assert counts(report) == (152, 0)
    assert [look.why for look in said(report)] == ["not used (--no-cache): everything was looked at"]


def test_nobody_asked_and_nothing_is_said(desk: Desk) -> None:
    assert said(desk.scan(earlier=EarlierLooks())) == []
    assert not Path(desk.earlier.kept_in).exists()


def test_another_system_s_root_is_always_read(desk: Desk) -> None:
    for _ in range(2):
        place = Place("root", (str(desk.root),))
        report = scan(open_target(str(desk.root)), ScanRequest(places=(place,), cores=1, earlier=desk.earlier), RULES)
        assert counts(report) == (152, 0)
        assert "another system wrote the times" in said(report)[0].why


def test_a_key_that_cant_be_kept_is_said(desk: Desk) -> None:
    report = desk.scan(earlier=replace(desk.earlier, key="/proc/nowhere/key"))
    assert counts(report) == (152, 0)
    assert said(report)[0].why.startswith("the key of the cache can't be had")


def test_a_cache_that_cant_be_written_is_said(desk: Desk) -> None:
    report = desk.scan(earlier=replace(desk.earlier, kept_in="/proc/nowhere"))
    assert (counts(report), report.verdict) == ((152, 0), "clean")
    assert said(report)[0].why.startswith("what was found clean can't be kept")


def test_a_stopped_scan_keeps_what_it_has(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.scan()
    desk.write("a/f3", b"changed")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("codered.scan.run._Run._queue", stop)
        assert desk.scan().interrupted
    assert counts(desk.scan()) == (1, 151)


def test_names_in_any_bytes(desk: Desk) -> None:
    odd = os.fsencode(desk.root) + b"/a/\xff\n\x1b[1m"
    with open(odd, "wb") as file:
        file.write(b"clean")
    desk.scan()
    assert counts(desk.scan()) == (0, 153)


def test_a_large_folder_comes_in_parts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.walking.MOST_NAMES", 20)
    desk.scan()
    assert counts(desk.scan()) == (0, 152)
    (path,) = Path(desk.earlier.kept_in).iterdir()
    inode = path.stat().st_ino
    desk.scan()
    assert path.stat().st_ino == inode
    (desk.root / "a/f3").write_bytes(b"INERT-MARK")
    assert counts(desk.scan()) == (1, 151)


def test_without_root_s_rights(desk: Desk) -> None:
    """A cache of somebody else is not believed, and that is no crash."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        open_to_all = Desk(Path(name))
        open_to_all.scan()

        def look() -> list[object]:
            report = open_to_all.scan()
            return [*counts(report), *(look.why for look in said(report))]

        read, unchanged, why = run_as_nobody(look)
    assert (read, unchanged) == (152, 0)
    assert str(why).endswith("everything was looked at")


def test_the_digest_holds_what_decides(desk: Desk) -> None:
    target = open_target(scope=(os.fsencode(desk.root),))
    request = ScanRequest(places=(), earlier=desk.earlier)
    volume = RootedTarget(replace(target.info, volumes=(Volume(prefix="mnt", drive="C"),)))
    variants = [
        open_seen(target, request, RULES),
        open_seen(target, replace(request, read_logs=False), RULES),
        open_seen(target, request, replace(RULES, digest="3")),
        open_seen(volume, request, RULES),
    ]
    assert len({seen._judged_by for seen in variants}) == 4
