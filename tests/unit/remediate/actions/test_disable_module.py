import os
from pathlib import Path

from codered.model.paths import path_from_bytes
from codered.model.plan import Action, LinksState, LinkState
from codered.remediate.actions import disable_module
from codered.remediate.vault import Vault
from codered.targets import open_target


def test_its_links_go_and_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "root/etc/apache2/mods-enabled"
    folder.mkdir(parents=True)
    (tmp_path / "root/usr").mkdir()
    (folder / "cgi.load").symlink_to("../mods-available/cgi.load")
    os.utime(folder / "cgi.load", ns=(5, 7), follow_symlinks=False)
    (tmp_path / "vault").mkdir()
    vault = Vault(os.fsencode(tmp_path / "vault"), "test")
    target = open_target(str(tmp_path / "root"))
    path = path_from_bytes(os.fsencode(folder / "cgi.load"))
    leads = path_from_bytes(b"../mods-available/cgi.load")
    action = Action(
        id="a1", kind="disable_module", path=path, because="",
        expects=LinksState(links=(LinkState(path=path, target=leads),)),
        becomes=LinksState(links=(LinkState(path=path),)),
    )  # fmt: skip
    assert disable_module.state(action, target) == action.expects
    backup = disable_module.back_up(action, target, vault)
    note = disable_module.change(action, target, vault, backup)
    assert "start the server again" in note
    assert not (folder / "cgi.load").is_symlink()
    assert disable_module.state(action, target) == disable_module.outcome(action)
    assert disable_module.undo(action, target, vault, backup) == ""
    assert (folder / "cgi.load").readlink() == Path("../mods-available/cgi.load")
    assert os.lstat(folder / "cgi.load").st_mtime_ns == 7
    vault.close()
