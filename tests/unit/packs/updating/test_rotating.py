import os
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.packs.updating.keys import ROLES
from codered.packs.updating.publishing import PublishOrder
from codered.packs.updating.rotating import rotate_key
from tests.fixtures.pack_publisher import NOW, Host, Publisher, digest_tree


@pytest.mark.parametrize("role", ROLES)
def test_readers_follow_a_rotation_at_every_step(tmp_path: Path, role: str) -> None:
    """Old readers and new ones, after every rename that the publisher does."""
    publisher = Publisher(tmp_path / "publisher", threshold=2, root_keys=2)
    publisher.publish("2030.01.1")
    old = Host(tmp_path / "old", publisher)
    old.update()
    before = publisher.state().root.signed.roles[role].keyids
    looks: list[str] = []
    real = os.replace

    def replace_and_look(one: str, other: str) -> None:
        real(one, other)
        if Path(other).is_relative_to(publisher.repository):
            fresh = Host(tmp_path / f"host{len(looks)}", publisher)
            assert fresh.update().state == "new"
            looks.append(old.update().state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", replace_and_look)
        done = rotate_key(publisher.order(), role)
    assert set(looks) == {"same"}
    assert done.versions["root"] == 2
    after = publisher.state().root.signed.roles[role]
    assert before[0] not in after.keyids
    assert len(after.keyids) == len(before)
    assert after.threshold == (2 if role == "root" else 1)


def test_without_the_root_keys_nothing_is_rotated(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path / "publisher", threshold=2, root_keys=3)
    away = tmp_path / "away"
    away.mkdir()
    for number in (1, 2):
        (publisher.keys / f"root-{number}.pem").rename(away / f"root-{number}.pem")
    before = digest_tree(tmp_path)
    with pytest.raises(Refused, match="2 of the keys for root must sign, 1 are here"):
        rotate_key(publisher.order(), "timestamp")
    assert digest_tree(tmp_path) == before
    both = PublishOrder(repository=publisher.repository, keys=(publisher.keys, away), now=NOW)
    assert rotate_key(both, "timestamp").versions["root"] == 2
