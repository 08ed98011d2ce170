import os
from pathlib import Path

from codered.system.descriptors import READ_FILE, read_at


def test_bytes_are_read_from_where_they_are_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"one\r\ntwo\x1athree")
    descriptor = os.open(file, READ_FILE)
    try:
        assert read_at(descriptor, 5, 3) == b"\r\ntwo"
        assert read_at(descriptor, 100, 8) == b"\x1athree"
        assert read_at(descriptor, 1, 100) == b""
        assert not os.get_inheritable(descriptor)
    finally:
        os.close(descriptor)
