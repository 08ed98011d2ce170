"""Names in an open folder, here on Linux; tests/windows does the same by way of real changes."""

import errno
import os
from pathlib import Path

import pytest

from codered.system.descriptors import READ_FILE
from codered.system.folders import (
    link_in,
    list_in,
    look_in,
    open_folder,
    open_in,
    remove_in,
    rename_in,
    rename_new_in,
    sync_folder,
    sync_folder_at,
)


def test_names_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "link").symlink_to("a")
    folder = open_folder(os.fsencode(tmp_path))
    try:
        os.close(open_in(folder, b"a", READ_FILE))
        with pytest.raises(OSError) as refused:
            open_in(folder, b"link", READ_FILE)
        assert refused.value.errno == errno.ELOOP
        assert look_in(folder, b"a").st_size == 1
        link_in(folder, b"a", b"b")
        rename_in(folder, b"b", b"c")
        rename_new_in(folder, b"c", b"d")
        os.close(open_in(folder, b"e", os.O_WRONLY | os.O_CREAT))
        with pytest.raises(FileExistsError):
            rename_new_in(folder, b"d", b"e")
        rename_in(folder, b"d", b"e")
        assert (tmp_path / "e").stat().st_size in (0, 1)
        remove_in(folder, b"e")
        assert {b"a", b"link"} <= set(list_in(folder))
        assert len(list_in(folder, 1)) == 1
        sync_folder_at(folder)
    finally:
        os.close(folder)
    sync_folder(os.fsencode(tmp_path))
    with pytest.raises(NotADirectoryError):
        open_folder(os.fsencode(tmp_path / "a"))
