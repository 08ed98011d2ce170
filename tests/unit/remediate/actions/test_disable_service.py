import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.paths import FilePath
from codered.model.plan import Action, LinksState, LinkState
from codered.remediate.actions import disable_service
from codered.remediate.file_state import ChangeFailed
from codered.remediate.vault import Vault
from tests.fixtures.changing import FolderTarget, hash_tree

NULL = FilePath("/dev/null")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "vault").mkdir(mode=0o700)
    return Vault(os.fsencode(tmp_path / "vault"), "tag")


@pytest.fixture
def action(root: Path) -> Action:
    """Two links go, one comes."""
    for name in ("a", "b"):
        (root / "www" / name).symlink_to("inert.service")
    os.utime(root / "www", ns=(2_000_000_001, 2_000_000_002))
    a, b, mask = (FilePath(f"{root}/www/{name}") for name in ("a", "b", "mask"))
    leads = FilePath("inert.service")
    before = LinksState(links=(LinkState(path=a, target=leads), LinkState(path=b, target=leads), LinkState(path=mask)))
    after = LinksState(links=(LinkState(path=a), LinkState(path=b), LinkState(path=mask, target=NULL)))
    path = FilePath(f"{root}/www/inert.service")
    return Action(id="a01", kind="disable_service", path=path, expects=before, becomes=after, because="a test")


def test_links_go_the_mask_comes_and_all_is_undone(
    root: Path, target: FolderTarget, vault: Vault, action: Action
) -> None:
    before = hash_tree(root)
    backup = disable_service.back_up(action, target, vault)
    assert hash_tree(root) == before
    assert disable_service.change(action, target, vault, backup) == ""
    assert disable_service.state(action, target) == disable_service.outcome(action)
    assert sorted(os.listdir(root / "www")) == ["index.html", "mask", "scripts"]
    assert disable_service.undo(action, target, vault, backup) == ""
    assert disable_service.state(action, target) == action.expects
    assert hash_tree(root) == before


def test_half_way_counts_as_not_begun(root: Path, target: FolderTarget, vault: Vault, action: Action) -> None:
    before = hash_tree(root)
    backup = disable_service.back_up(action, target, vault)
    (root / "www/a").unlink()
    assert disable_service.state(action, target) == action.expects
    disable_service.change(action, target, vault, backup)
    (root / "www/b").symlink_to("inert.service")
    disable_service.undo(action, target, vault, backup)
    assert {k: v[:1] for k, v in hash_tree(root).items()} == {k: v[:1] for k, v in before.items()}


def test_links_that_changed_are_another_state(root: Path, target: FolderTarget, vault: Vault, action: Action) -> None:
    (root / "www/a").unlink()
    (root / "www/a").symlink_to("mine.service")
    assert disable_service.state(action, target) not in (action.expects, action.becomes)
    with pytest.raises(ChangeFailed, match="not the same"):
        disable_service.back_up(action, target, vault)


def test_a_plan_that_does_not_say_what_the_links_become(target: FolderTarget, vault: Vault, action: Action) -> None:
    with pytest.raises(ChangeFailed, match="does not say what"):
        disable_service.outcome(replace(action, becomes=None))
    with pytest.raises(ChangeFailed, match="of every link"):
        disable_service.state(replace(action, becomes=LinksState(links=())), target)
    backup = disable_service.back_up(action, target, vault)
    fewer = LinksState(links=action.expects.links[:1])  # type: ignore[union-attr]
    with pytest.raises(ChangeFailed, match="other links"):
        disable_service.undo(replace(action, expects=fewer, becomes=fewer), target, vault, backup)
