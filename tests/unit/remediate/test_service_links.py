import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.paths import FilePath
from codered.model.plan import LinksState, LinkState
from codered.remediate.file_state import ChangeFailed
from codered.remediate.service_links import (
    read_link,
    read_links,
    remember_link,
    return_folder,
    return_link,
    set_link,
)
from tests.fixtures.changing import FolderTarget, hash_tree


@pytest.fixture
def link(root: Path) -> LinkState:
    os.symlink(b"../\xff", root / "www/link")
    os.chown(root / "www/link", 65534, 65533, follow_symlinks=False)
    os.utime(root / "www/link", ns=(1_000_000_001, 1_000_000_002), follow_symlinks=False)
    os.utime(root / "www", ns=(2_000_000_001, 2_000_000_002))
    return LinkState(path=FilePath(f"{root}/www/link"), target=FilePath("../\\xff", b"../\xff"))


def test_links_are_read_as_they_are_written(root: Path, target: FolderTarget, link: LinkState) -> None:
    assert read_link(link.path, target) == link
    for name in ("www/index.html", "www", "www/none", "none/none"):
        path = FilePath(f"{root}/{name}")
        assert read_link(path, target) == LinkState(path=path)
    assert read_links(LinksState(links=(replace(link, target=None),)), target) == LinksState(links=(link,))


def test_a_link_goes_and_comes_back(root: Path, target: FolderTarget, link: LinkState) -> None:
    before = hash_tree(root)
    kept, gone = remember_link(link, target), replace(link, target=None)
    for _ in range(2):
        set_link(link, gone, target)
    assert not os.path.lexists(root / "www/link")
    for _ in range(2):
        return_link(kept, gone, target)
        return_folder(kept, target)
    assert hash_tree(root) == before


def test_a_link_comes_where_nothing_is(root: Path, target: FolderTarget) -> None:
    before = hash_tree(root)
    none = LinkState(path=FilePath(f"{root}/www/mask"))
    mask = replace(none, target=FilePath("/dev/null"))
    kept = remember_link(none, target)
    set_link(none, mask, target)
    assert os.readlink(root / "www/mask") == "/dev/null"
    return_link(kept, mask, target)
    return_folder(kept, target)
    assert hash_tree(root) == before
    (root / "www/mask").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        set_link(none, mask, target)


def test_a_link_that_leads_elsewhere_now_is_left(root: Path, target: FolderTarget, link: LinkState) -> None:
    kept, gone = remember_link(link, target), replace(link, target=None)
    (root / "www/link").unlink()
    (root / "www/link").symlink_to("mine")
    for attempt in (
        lambda: set_link(link, gone, target),
        lambda: return_link(kept, gone, target),
        lambda: remember_link(link, target),
    ):
        with pytest.raises(ChangeFailed, match="its links are not the same"):
            attempt()
    assert os.readlink(root / "www/link") == "mine"
