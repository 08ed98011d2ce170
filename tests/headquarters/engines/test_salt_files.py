"""The folder that a master serves for one run."""

import stat
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.engines.salt_files import serve_folder


def test_what_is_served_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    (tmp_path / "program").write_bytes(b"p")
    with serve_folder({"base": ["/nowhere", str(tmp_path)]}) as served:
        served.put("m1", b"input")
        served.copy("program", str(tmp_path / "program"))
        folder = tmp_path / served.url.removeprefix("salt://")
        assert (folder / "m1").read_bytes() == b"input"
        assert stat.S_IMODE((folder / "m1").stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with pytest.raises(FileExistsError):
            served.put("m1", b"again")
        with pytest.raises(WrongUse, match="not there"):
            served.copy("other", str(tmp_path / "none"))
    assert list((tmp_path / "codered-fleet").iterdir()) == []


@pytest.mark.parametrize(
    "roots", [None, [], {}, {"base": "x"}, {"base": ["/nowhere", 3, "relative"]}, {"dev": ["/tmp"]}]
)
def test_a_master_that_serves_nothing_we_can_write_to_is_told_with_advice(roots: object) -> None:
    with pytest.raises(WrongUse, match="run headquarters on the master"), serve_folder(roots):
        pass


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "codered-fleet").write_text("")
    with pytest.raises(WrongUse, match="can't be written to"), serve_folder({"base": [str(tmp_path)]}):
        pass
