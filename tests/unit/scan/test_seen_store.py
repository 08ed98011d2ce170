import os
import tempfile
from pathlib import Path

import pytest

from codered.scan import seen_store
from codered.scan.seen_store import KEPT, KEY_BYTES, Doubt, SeenStore
from tests.fixtures.unprivileged import run_as_nobody


@pytest.fixture
def store(tmp_path: Path) -> SeenStore:
    return SeenStore(tmp_path / "cache", tmp_path / "state/seen.key")


def test_what_was_written_comes_back(store: SeenStore, tmp_path: Path) -> None:
    store.write("one", b"payload")
    assert store.read("one") == b"payload"
    assert SeenStore(tmp_path / "cache", tmp_path / "state/seen.key").read("one") == b"payload"
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "cache").iterdir()] == [0o600]


def test_nothing_was_kept(store: SeenStore, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o700)
    assert store.read("one") is None


def test_any_one_changed_byte_is_noticed(store: SeenStore, tmp_path: Path) -> None:
    store.write("one", b"a small payload")
    path = tmp_path / "cache/one.seen"
    good = path.read_bytes()
    for at in range(len(good)):
        for changed in (good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :], good[:at], good[:at] + good[at + 1 :]):
            path.write_bytes(changed)
            with pytest.raises(Doubt, match="was damaged"):
                store.read("one")
    path.write_bytes(good + b"\0")
    with pytest.raises(Doubt, match="was damaged"):
        store.read("one")


def test_a_cache_under_another_name_or_key(store: SeenStore, tmp_path: Path) -> None:
    store.write("one", b"payload")
    (tmp_path / "cache/one.seen").rename(tmp_path / "cache/two.seen")
    with pytest.raises(Doubt, match="was damaged"):
        store.read("two")
    store.write("one", b"payload")
    with pytest.raises(Doubt, match="was damaged"):
        SeenStore(tmp_path / "cache", tmp_path / "other.key").read("one")


def test_a_cache_that_others_could_have_written(store: SeenStore, tmp_path: Path) -> None:
    store.write("one", b"payload")
    (tmp_path / "cache/one.seen").chmod(0o620)
    with pytest.raises(Doubt, match=r"one\.seen is not ours alone"):
        store.read("one")
    (tmp_path / "cache/one.seen").chmod(0o600)
    (tmp_path / "cache").chmod(0o777)
    with pytest.raises(Doubt, match="others may write to its folder"):
        store.read("one")
    with pytest.raises(Doubt, match="others may write to its folder"):
        store.write("one", b"payload")


def test_a_link_or_a_fifo_in_its_place(store: SeenStore, tmp_path: Path) -> None:
    store.write("one", b"payload")
    (tmp_path / "cache/two.seen").symlink_to(tmp_path / "cache/one.seen")
    os.mkfifo(tmp_path / "cache/three.seen", 0o600)
    for name in ("two", "three"):
        with pytest.raises(Doubt):
            store.read(name)


def test_a_huge_cache_is_not_read(store: SeenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("one", b"payload")
    monkeypatch.setattr(seen_store, "_MOST_BYTES", 20)
    with pytest.raises(Doubt, match="larger than we write it"):
        store.read("one")
    with pytest.raises(Doubt, match="too much to be kept"):
        store.write("two", b"payload")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["one.seen"]


def test_the_newest_stay(store: SeenStore, tmp_path: Path) -> None:
    for number in range(KEPT + 2):
        store.write(f"n{number}", b"payload")
        os.utime(tmp_path / f"cache/n{number}.seen", (number, number))
    left, fresh = tmp_path / "cache/.part-left", tmp_path / "cache/.part-fresh"
    for path in (left, fresh):
        path.touch()
    os.utime(left, (1, 1))
    store.write("last", b"payload")
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {
        ".part-fresh", "last.seen", *(f"n{number}.seen" for number in range(3, KEPT + 2))
    }  # fmt: skip


def test_a_write_that_fails_leaves_the_old_one(
    store: SeenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("one", b"payload")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        with pytest.raises(Doubt, match="No space left"):
            store.write("one", b"other")
    assert store.read("one") == b"payload"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["one.seen"]


def test_the_key_is_made_once_and_for_us_alone(store: SeenStore, tmp_path: Path) -> None:
    key = tmp_path / "state/seen.key"
    made = key.read_bytes()
    assert (len(made), key.stat().st_mode & 0o777, len(list(key.parent.iterdir()))) == (KEY_BYTES, 0o600, 1)
    SeenStore(tmp_path / "cache", key)
    assert key.read_bytes() == made


@pytest.mark.parametrize("body", [b"", b"short", b"x" * (KEY_BYTES + 1)])
def test_a_damaged_key_is_refused(tmp_path: Path, body: bytes) -> None:
    key = tmp_path / "seen.key"
    key.write_bytes(body)
    key.chmod(0o600)
    with pytest.raises(Doubt, match="key"):
        SeenStore(tmp_path, key)
    assert key.read_bytes() == body


def test_a_key_that_others_know_is_refused(store: SeenStore, tmp_path: Path) -> None:
    (tmp_path / "state/seen.key").chmod(0o644)
    with pytest.raises(Doubt, match="not ours alone"):
        SeenStore(tmp_path / "cache", tmp_path / "state/seen.key")


def test_somebody_else_s_key(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        SeenStore(Path(name), Path(name) / "seen.key")

        def ask() -> str:
            try:
                SeenStore(Path(name), Path(name) / "seen.key")
            except Doubt as doubt:
                return str(doubt)
            return ""

        assert "Permission denied" in run_as_nobody(ask)
