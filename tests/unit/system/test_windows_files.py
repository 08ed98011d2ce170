"""What stands in for the Windows calls elsewhere; tests/windows runs the calls themselves."""

import os
from pathlib import Path

import pytest

from codered.system.windows_files import check_folder, list_drives, list_streams, open_shared


def test_files_are_opened_and_links_are_not_followed(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    descriptor = open_shared(str(file))
    try:
        assert os.read(descriptor, 10) == b"content"
    finally:
        os.close(descriptor)
    (tmp_path / "link").symlink_to(file)
    with pytest.raises(OSError, match="link"):
        open_shared(str(tmp_path / "link"))
    with pytest.raises(IsADirectoryError):
        open_shared(str(tmp_path))


def test_a_folder_is_one_and_reached_without_a_link(tmp_path: Path) -> None:
    check_folder(str(tmp_path))
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    for name, error in (("link", OSError), ("file", NotADirectoryError), ("nothing", FileNotFoundError)):
        with pytest.raises(error):
            check_folder(str(tmp_path / name))


def test_there_are_drives_and_streams_on_windows_only(tmp_path: Path) -> None:
    assert list_drives() == ()
    assert list(list_streams(str(tmp_path))) == []
