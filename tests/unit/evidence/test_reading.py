from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.evidence.reading import list_containers, read_container, read_finished, read_item
from codered.evidence.standalone_verifier import CUSTODY, MANIFEST, name_origin
from codered.model.errors import WrongUse
from tests.fixtures.evidence import MARK, make_container, open_container, read_manifest


def test_a_container_is_read(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    seen = read_container(container)
    assert (seen.id, len(seen.entries)) == (container.name, 4)
    manifest, entries = read_finished(container)
    assert (manifest, entries) == (seen.manifest, seen.entries)
    assert read_item(container, manifest.items[0]) == MARK


def test_an_unfinished_one_is_told_apart(tmp_path: Path) -> None:
    container = open_container(tmp_path)
    container.abandon()
    assert read_container(container.folder).manifest is None
    with pytest.raises(WrongUse, match="was never finished"):
        read_finished(container.folder)


def test_containers_are_listed(tmp_path: Path) -> None:
    made = {make_container(tmp_path), make_container(tmp_path)}
    (tmp_path / "evidence/something").mkdir()
    assert set(list_containers(tmp_path / "evidence")) == made
    assert list_containers(tmp_path / "nothing") == ()


@pytest.mark.parametrize(("name", "story"), [(MANIFEST, "manifest is damaged"), (CUSTODY, "entry 1")])
def test_damage_is_one_line(tmp_path: Path, name: str, story: str) -> None:
    container = make_container(tmp_path)
    (container / name).write_bytes(b"[" * 100_000 + b"\n")
    with pytest.raises(WrongUse, match=story):
        read_container(container)


def test_what_is_no_container_is_said(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="is no evidence container"):
        read_container(tmp_path)
    container = make_container(tmp_path)
    (container / CUSTODY).write_bytes(b"")
    with pytest.raises(WrongUse, match="is empty"):
        read_container(container)


@pytest.mark.parametrize("name", ["../custody.jsonl", "/etc/passwd", "items/../manifest.json"])
def test_an_item_never_leads_out_of_the_container(tmp_path: Path, name: str) -> None:
    container = make_container(tmp_path)
    item = read_manifest(container).items[0]
    with pytest.raises(WrongUse):
        read_item(container, replace(item, name=name))
    with pytest.raises(WrongUse):
        read_item(container, replace(item, name=f"items/{name}", id=name))


def test_an_item_that_is_gone_is_said(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    item = read_manifest(container).items[0]
    (container / item.name).unlink()
    with pytest.raises(WrongUse, match="item 000001 can't be read"):
        read_item(container, item)


def test_a_tree_is_not_called_by_the_name_of_the_machine_that_looked_at_it() -> None:
    assert name_origin("web1", "/", "") == "web1"
    assert name_origin("", "/mnt/d\n", "desk") == "the tree /mnt/d\\n, collected on desk"
    assert name_origin("web1", "/mnt", "desk") == "the tree /mnt of web1, collected on desk"
    assert name_origin("", "/", "desk") == "files, collected on desk"
