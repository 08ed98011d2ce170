from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.updating.founding import make_repository
from codered.packs.updating.publishing import PublishOrder
from codered.packs.updating.repository import read_state
from tests.fixtures.pack_publisher import DAY, NOW, Publisher


def test_a_new_repository_is_empty_signed_and_its_keys_are_for_their_owner(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path, threshold=2, root_keys=3)
    state = read_state(publisher.repository)
    assert state.root.signed.roles["root"].threshold == 2
    assert len(state.root.signed.roles["root"].keyids) == 3
    assert {len(state.root.signed.roles[role].keyids) for role in ("targets", "snapshot", "timestamp")} == {1}
    assert state.root.signed.consistent_snapshot
    assert list(state.targets.signed.targets) == ["index.json"]
    assert state.timestamp.signed.expires == NOW + 14 * DAY
    assert state.targets.signed.expires == NOW + 90 * DAY
    assert state.root.signed.expires == NOW + 365 * DAY
    keys = sorted(path.name for path in publisher.keys.glob("*.pem"))
    assert keys == ["root-1.pem", "root-2.pem", "root-3.pem", "snapshot-1.pem", "targets-1.pem", "timestamp-1.pem"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in publisher.keys.glob("*.pem"))


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    with pytest.raises(WrongUse, match="is a repository already"):
        make_repository(publisher.order())
    order = PublishOrder(repository=tmp_path / "other", keys=(tmp_path / "k",), now=NOW)
    for threshold, keys in ((0, 0), (3, 2), (1, 99)):
        with pytest.raises(WrongUse, match="so many root keys"):
            make_repository(order, threshold=threshold, root_keys=keys)
    assert not (tmp_path / "k").exists()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WrongUse, match="can't be made"):
        make_repository(PublishOrder(repository=tmp_path / "file" / "x", keys=(tmp_path / "k",), now=NOW))
