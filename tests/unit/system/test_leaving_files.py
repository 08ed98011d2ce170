import pytest

from codered.system.leaving_files import leave_to_next_start, list_leaving, pick_leaving


def test_only_what_we_left_is_picked() -> None:
    ours = "C:\\inetpub\\scripts\\.codered-gone-0011"
    told = [
        "\\??\\C:\\Windows\\x.dll", "", f"\\??\\{ours}", "", "\\??\\\\\\?\\D:\\.codered-gone-2", "",
        "\\??\\C:\\.codered-gone-3", "\\??\\C:\\elsewhere", "\\??\\C:\\.codered-gone-4\\x", "",
        "\\??\\C:\\.codered-gone-5",
    ]  # fmt: skip
    assert pick_leaving(told) == (ours, "D:\\.codered-gone-2")
    assert pick_leaving([]) == ()


def test_elsewhere_nothing_is_left() -> None:
    assert list_leaving() == ()
    with pytest.raises(OSError, match="only Windows"):
        leave_to_next_start("/x")
