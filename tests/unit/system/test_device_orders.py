"""Orders through an open file."""

import array
import errno
import os
from pathlib import Path

import pytest

from codered.system.device_orders import ioctl


def test_a_file_that_takes_no_such_order(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "a", os.O_RDWR | os.O_CREAT)
    try:
        with pytest.raises(OSError) as refused:
            ioctl(fd, 0x5413, array.array("h", [0] * 4))  # the size of a window
        assert refused.value.errno == errno.ENOTTY
    finally:
        os.close(fd)
