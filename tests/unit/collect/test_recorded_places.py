import os
from pathlib import Path

import pytest

from codered.collect.recorded_places import RecordedPlaces, list_names
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write


def list_at(root: Path, rel: bytes) -> list[str] | None:
    folder = RecordedPlaces(open_target(str(root))).open_folder(rel)
    if folder is None:
        return None
    try:
        return sorted(os.listdir(folder))
    finally:
        os.close(folder)


def test_links_are_followed_inside_of_the_root_only(tmp_path: Path) -> None:
    root = make_root(tmp_path / "root")
    write(tmp_path, {"secret/file": "outside"})
    write(root, {"usr/share/doc/real/a": "a", f"inner{tmp_path}/secret/b": "b"})
    doc = root / "usr/share/doc"
    (doc / "link").symlink_to("real")
    (doc / "absolute").symlink_to("/usr/share/doc/real")
    (doc / "out").symlink_to("../../../../secret")
    (doc / "far").symlink_to(tmp_path / "secret")
    (doc / "loop").symlink_to("loop")
    assert list_at(root, b"usr/share/doc/link") == ["a"]
    assert list_at(root, b"usr/share/doc/absolute") == ["a"]
    assert list_at(root, b"usr/share/doc/out") is None
    assert list_at(root, b"usr/share/doc/far") is None
    assert list_at(root, b"usr/share/doc/loop") is None
    assert list_at(root, b"usr/share/doc/real/a") is None
    assert list_at(root, b"usr/none") is None


def test_odd_names_are_refused(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    for rel in (b"usr/\0", b"usr/../etc"):
        with pytest.raises(OSError, match="not a"):
            list_at(root, rel)


def test_names_of_a_folder_up_to_a_number(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {f"etc/x/{number}": "" for number in range(5)})
    target = open_target(str(root))
    assert len(list_names(target, b"etc/x", 3)) == 3
    assert sorted(list_names(target, b"etc/x", 9))[0] == b"etc/x/0"
    assert list_names(target, b"etc/none", 3) == []
