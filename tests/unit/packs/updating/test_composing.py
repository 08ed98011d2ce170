from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.packs.loading import load_packs
from codered.packs.updating import composing
from codered.packs.updating.composing import compose_set
from codered.packs.updating.sources import add_source
from codered.packs.updating.updating import update_packs
from tests.fixtures.pack_publisher import Host, Publisher, find_nothing, write_pack


def test_of_every_pack_the_newest_there_is_wins(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path / "publisher")
    publisher.publish("2029.04.9", name="oldworm")  # older than the shipped one
    publisher.publish("2030.01.1")
    host = Host(tmp_path / "host", publisher)
    write_pack(host.shipped, "oldworm", "2029.05.1", "Shipped with the tool.")
    host.update()
    assert host.versions() == {"newworm": "2030.01.1", "oldworm": "2029.05.1"}
    publisher.publish("2029.05.1", name="oldworm")  # the same version: the source's
    host.update()
    current = host.current()
    assert current
    assert {pack.name: pack.source for pack in current.record.packs} == {"newworm": "lab", "oldworm": "lab"}
    write_pack(host.shipped, "oldworm", "2030.02.1")
    write_pack(host.shipped, "third", "2030.02.1")
    assert host.update().state == "new"
    assert host.versions() == {"newworm": "2030.01.1", "oldworm": "2030.02.1", "third": "2030.02.1"}
    assert [loaded.pack.name for loaded in load_packs(current.folder)] == ["newworm", "oldworm"]


def test_a_source_that_was_not_asked_keeps_its_packs_and_one_that_was_removed_does_not(tmp_path: Path) -> None:
    one, two = Publisher(tmp_path / "one"), Publisher(tmp_path / "two")
    one.publish("2030.01.1", name="aaa")
    two.publish("2030.01.1", name="bbb")
    two.publish("2030.01.5", name="aaa")
    host = Host(tmp_path / "host", one)
    add_source(host.home, "two", str(two.repository), two.root())
    host.update()
    assert host.versions() == {"aaa": "2030.01.5", "bbb": "2030.01.1", "oldworm": "2029.05.1"}
    one.publish("2030.01.2", name="ccc")
    update_packs(host.order(name="lab"), find_nothing)
    assert host.versions() == {"aaa": "2030.01.5", "bbb": "2030.01.1", "ccc": "2030.01.2", "oldworm": "2029.05.1"}
    gone = compose_set((), host.current(), ("lab",), host.shipped)
    assert {pack.name for pack in gone.packs} == {"ccc", "oldworm"}


def test_heuristics_lie_beside_the_packs(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path / "publisher")
    publisher.work.mkdir()
    (publisher.work / "own.heuristics.yaml").write_text("format: 1\n# another\n")
    (publisher.work / "more.heuristics.yaml").write_text("format: 1\n")
    host = Host(tmp_path / "host", publisher)
    assert host.update().state == "same"  # nothing came from the source: the shipped packs do
    publisher.publish("2030.01.1")
    host.update()
    current = host.current()
    assert current
    assert (current.folder / "own.heuristics.yaml").read_text() == "format: 1\n"
    from codered.packs.updating.publishing import publish_packs

    publish_packs(publisher.order(), (publisher.work,), (), find_nothing)
    assert host.update().state == "new"
    current = host.current()
    assert current
    assert (current.folder / "own.heuristics.yaml").read_text() == "format: 1\n# another\n"
    assert (current.folder / "more.heuristics.yaml").is_file()
    kept = compose_set((), current, ("lab",), host.shipped, frozenset({"lab"}))
    assert kept.digest() == current.record.digest
    gone = compose_set((), current, ("another",), host.shipped, frozenset({"another"}))
    assert {name: data for name, data in gone.files.items() if "/" not in name} == {
        "own.heuristics.yaml": b"format: 1\n"
    }


def test_what_the_tool_ships_is_replaced_only_by_a_source_that_may(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path / "publisher")
    publisher.work.mkdir()
    (publisher.work / "own.heuristics.yaml").write_text("format: 1\n# another\n")
    (publisher.work / "more.heuristics.yaml").write_text("format: 1\n")
    publisher.publish("2030.01.5", name="oldworm")
    publisher.publish("2030.01.1")
    from codered.packs.updating.publishing import publish_packs

    publish_packs(publisher.order(), (publisher.work,), (), find_nothing)
    host = Host(tmp_path / "host", publisher, may_replace=False)
    done = host.update()
    assert [line.split(" is left out")[0] for line in done.warnings] == ["lab: oldworm", "lab: own.heuristics.yaml"]
    assert host.versions() == {"newworm": "2030.01.1", "oldworm": "2029.05.1"}
    current = host.current()
    assert current
    assert (current.folder / "own.heuristics.yaml").read_text() == "format: 1\n"
    assert (current.folder / "more.heuristics.yaml").is_file()
    assert current.record.heuristics == {"more.heuristics.yaml": "lab"}
    (host.shipped / "own.heuristics.yaml").write_text("format: 1\n# newer\n")
    upgraded = compose_set((), current, ("lab",), host.shipped, frozenset({"lab"}))
    assert upgraded.files["own.heuristics.yaml"] == b"format: 1\n# newer\n"  # the tool's own, not the old one there
    assert upgraded.left_out == ()


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "MOST_SET_BYTES", 10)
    with pytest.raises(Refused, match="larger than a set may be"):
        compose_set((), None, (), Host(tmp_path).shipped)
