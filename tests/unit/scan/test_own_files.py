import hashlib
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import WrongUse
from codered.packs.loading import find_shipped_packs, load_pack
from codered.scan import own_files
from codered.scan.own_files import OwnFiles
from tests.fixtures.small_packs import make_pack


def test_a_pack_clears_its_files_in_its_own_folder_only(tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"x").hexdigest()
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    pack = replace(make_pack("lab"), folder=str(tmp_path / "link"), files={"examples/hit/shell.php": sha256})
    own = OwnFiles((pack,))
    real = os.fsencode(tmp_path / "real")
    assert own.include(real + b"/examples/hit/shell.php", sha256)
    assert not own.include(real + b"/examples/hit/shell.php", "0" * 64)
    assert not own.include(real + b"/examples/hit/shell.php", "")
    assert not own.include(b"/var/www/shell.php", sha256)


def test_copies_of_shipped_files_are_ours_under_their_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = load_pack(find_shipped_packs() / "webshell")
    sha256 = shipped.files["rules.yar"]
    for own in (OwnFiles(()), OwnFiles((shipped,))):
        assert own.include(b"/srv/copy/webshell/rules.yar", sha256)
        assert not own.include(b"/var/www/rules.php", sha256)

    def fail() -> Path:
        raise WrongUse("the threat packs are not there")

    monkeypatch.setattr(own_files, "find_shipped_packs", fail)
    assert not OwnFiles(()).include(b"/srv/copy/webshell/rules.yar", sha256)
