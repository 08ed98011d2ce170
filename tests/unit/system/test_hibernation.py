import os
from pathlib import Path

import pytest

from codered.system.hibernation import is_asleep


@pytest.mark.parametrize(
    ("name", "body", "sleeps"),
    [("hiberfil.sys", b"hibr", True), ("HIBERFIL.SYS", b"HIBR", True), ("hiberfil.sys", b"wake", False),
     ("hiberfil.sys", b"", False), ("pagefile.sys", b"hibr", False)],
)  # fmt: skip
def test_only_the_memory_of_a_sleeping_windows_counts(tmp_path: Path, name: str, body: bytes, sleeps: bool) -> None:
    (tmp_path / name).write_bytes(body)
    assert is_asleep(os.fsencode(tmp_path)) is sleeps


def test_nothing_else_is_followed_or_waited_for(tmp_path: Path) -> None:
    assert not is_asleep(os.fsencode(tmp_path / "none"))
    (tmp_path / "real").write_bytes(b"hibr")
    (tmp_path / "hiberfil.sys").symlink_to("real")
    assert not is_asleep(os.fsencode(tmp_path))
    (tmp_path / "hiberfil.sys").unlink()
    os.mkfifo(tmp_path / "hiberfil.sys")
    assert not is_asleep(os.fsencode(tmp_path))
