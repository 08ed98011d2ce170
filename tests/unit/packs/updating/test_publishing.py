from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered.packs.updating.publishing import (
    PublishOrder,
    check_days,
    find_repository,
    publish_packs,
    read_published,
    refresh_repository,
)
from tests.fixtures.pack_publisher import DAY, NOW, Host, Publisher, digest_tree, find_nothing, write_pack


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "publisher")


def test_the_same_again_changes_nothing_and_numbers_never_go_back(publisher: Publisher) -> None:
    first = publisher.publish("2030.01.2")
    assert (first.changed, first.packs, first.versions["targets"]) == (True, {"newworm": "2030.01.2"}, 2)
    before = digest_tree(publisher.repository)
    assert not publisher.publish("2030.01.2", now=NOW + DAY).changed
    assert digest_tree(publisher.repository) == before
    with pytest.raises(Refused, match="numbers never go back"):
        publisher.publish("2030.01.1")
    folder = write_pack(publisher.work, "newworm", "2030.01.2", summary="Other content, the same version.")
    with pytest.raises(Refused, match=r"published as 2030.01.2 already"):
        publish_packs(publisher.order(), (folder,), (), find_nothing)
    assert digest_tree(publisher.repository) == before
    second = publisher.publish("2030.01.1", name="other")
    assert second.packs == {"newworm": "2030.01.2", "other": "2030.01.1"}
    assert {role: second.versions[role] - first.versions[role] for role in first.versions} == {
        "root": 0, "targets": 1, "snapshot": 1, "timestamp": 1,
    }  # fmt: skip


def test_packs_that_are_not_good_are_not_published(publisher: Publisher) -> None:
    before = digest_tree(publisher.repository)
    folder = write_pack(publisher.work, "newworm")
    with pytest.raises(Refused, match="not published: a; b; c; and 1 more"):
        publish_packs(publisher.order(), (folder,), (), lambda _: ("a", "b", "c", "d"))
    assert digest_tree(publisher.repository) == before


def test_a_pack_can_be_taken_out(publisher: Publisher) -> None:
    publisher.publish("2030.01.1")
    publisher.publish("2030.01.1", name="other")
    with pytest.raises(WrongUse, match="`none` is not published"):
        publish_packs(publisher.order(), (), ("none",), find_nothing)
    done = publish_packs(publisher.order(), (), ("newworm",), find_nothing)
    assert done.packs == {"other": "2030.01.1"}
    targets = publisher.state().targets.signed.targets
    assert len(targets) == 2
    assert not [name for name in targets if name.startswith("newworm")]


def test_a_refresh_moves_only_what_would_end(publisher: Publisher) -> None:
    publisher.publish("2030.01.1")
    first = refresh_repository(publisher.order(NOW + DAY))
    assert first.versions == {"root": 1, "targets": 2, "snapshot": 2, "timestamp": 3}
    assert first.expires["timestamp"] == NOW + 15 * DAY
    later = refresh_repository(publisher.order(NOW + 80 * DAY))
    assert later.versions == {"root": 1, "targets": 3, "snapshot": 3, "timestamp": 4}
    assert later.packs == {"newworm": "2030.01.1"}


def test_keys_that_are_missing_are_named(publisher: Publisher, tmp_path: Path) -> None:
    publisher.publish("2030.01.1")
    before = digest_tree(publisher.repository)
    (publisher.keys / "targets-1.pem").rename(tmp_path / "targets-1.pem")
    assert refresh_repository(publisher.order()).changed  # the keys that are kept offline are not needed for this
    refreshed = digest_tree(publisher.repository)
    assert refreshed != before
    with pytest.raises(Refused, match="1 of the keys for targets must sign, 0 are here"):
        publisher.publish("2030.01.2")
    assert digest_tree(publisher.repository) == refreshed
    (publisher.keys / "timestamp-1.pem").unlink()
    with pytest.raises(Refused, match="keys for timestamp"):
        refresh_repository(publisher.order())


def test_heuristics_are_published_once(publisher: Publisher, tmp_path: Path) -> None:
    write_pack(publisher.work, "newworm")
    (publisher.work / "a.heuristics.yaml").write_text("format: 1\n")
    folders = (publisher.work, publisher.work / "newworm")
    assert publish_packs(publisher.order(), folders, (), find_nothing).changed
    assert not publish_packs(publisher.order(), folders, (), find_nothing).changed
    assert not publish_packs(publisher.order(), folders[1:], (), find_nothing).changed  # they stay
    index = read_published(publisher.repository, publisher.state())
    assert index.heuristics
    (publisher.work / "a.heuristics.yaml").write_text("format: 1\n# other\n")
    assert publish_packs(publisher.order(), folders, (), find_nothing).changed
    host = Host(tmp_path / "host", publisher)
    host.update()
    current = host.current()
    assert current
    assert (current.folder / "a.heuristics.yaml").read_text() == "format: 1\n# other\n"


def test_what_is_no_repository_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    order = PublishOrder(repository=tmp_path / "none", keys=(publisher.keys,), now=NOW)
    with pytest.raises(WrongUse, match="no such folder"):
        refresh_repository(order)
    (tmp_path / "none").mkdir()
    with pytest.raises(WrongUse, match="is no repository"):
        refresh_repository(order)
    assert find_repository(tmp_path) == tmp_path
    for days in (0, -1, 99_999):
        with pytest.raises(WrongUse, match="give 1 to"):
            check_days(days)
    assert check_days(7) == 7


def test_a_version_of_a_time_to_come_is_refused_by_name(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path / "publisher")
    host = Host(tmp_path / "host", publisher)
    with pytest.raises(Refused, match=r"newworm has the version 9998\.12\.9, which is later than next month"):
        publisher.publish("9998.12.9")
    publisher.publish("9998.12.9", now=datetime(9998, 12, 1, tzinfo=UTC))  # one who doesn't care
    with pytest.raises(Refused, match=r"newworm has the version 9998\.12\.9, which is later than next month"):
        host.update()
    assert host.current() is None
