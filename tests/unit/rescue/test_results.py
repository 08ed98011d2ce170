import os
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.rescue.results import read_result


@pytest.mark.parametrize("content", [b"", b"INERT", bytes(1 << 20)])
def test_what_is_no_medium_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(WrongUse, match="is no rescue medium"):
        read_result(tmp_path / "x")
    os.mkfifo(tmp_path / "fifo")
    for name in ("missing", "fifo", "."):
        with pytest.raises(WrongUse, match="no such file or device"):
            read_result(tmp_path / name)
