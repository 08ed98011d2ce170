import hashlib
from pathlib import Path

import pytest

from codered.known_good.contents import MOST_BYTES, ContentStore
from codered.model.errors import Refused, WrongUse

MARKER = b"<?php /* inert marker of a test */ ?>" * 40


def test_a_content_comes_out_as_it_went_in(tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "store")
    digest = store.put(MARKER)
    assert digest == hashlib.sha256(MARKER).hexdigest() == store.put(MARKER)
    assert store.holds(digest)
    assert store.read(digest) == MARKER
    store.extract(digest, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == MARKER
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    with pytest.raises(WrongUse):  # never over something that is there
        store.extract(digest, tmp_path / "out")


def test_what_is_kept_is_inert(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    raw = (tmp_path / (digest := store.put(b"<?php"))[:2] / digest).read_bytes()
    assert b"<?php" not in raw
    assert raw.startswith(b"codered/contents/1 ")


def test_any_byte_changed_is_refused(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    digest = store.put(b"a short content")
    path = tmp_path / digest[:2] / digest
    raw = path.read_bytes()
    for place in range(len(raw)):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        try:
            assert store.read(digest) == b"a short content"  # a bit of zstd's frame that says nothing
        except Refused:
            continue
    for changed in (b"", raw[:-1], raw + b"x", raw[:20]):
        path.write_bytes(changed)
        with pytest.raises(Refused):
            store.extract(digest, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_not_kept_too_large_or_no_hash_is_wrong_use(tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "store", most=100)
    for name in ("0" * 64, "../../etc/passwd", "", "A" * 64):
        assert not store.holds(name)
        with pytest.raises(WrongUse):
            store.read(name)
    with pytest.raises(WrongUse):
        store.put(bytes(MOST_BYTES + 1))
    assert store.has_room(100)
    store.put(bytes(60))
    assert not store.has_room(60)
    (tmp_path / "file").write_text("x")
    with pytest.raises(WrongUse):
        ContentStore(tmp_path / "file").put(b"x")


def test_a_link_in_the_store_is_not_followed(tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "store")
    digest = store.put(b"x")
    path = tmp_path / "store" / digest[:2] / digest
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WrongUse):
        store.read(digest)
