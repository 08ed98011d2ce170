from pathlib import Path

import pytest

from codered.system.windows_security import make_protected_folder, protect_file, read_security, read_user, read_words


def test_elsewhere_there_are_none(tmp_path: Path) -> None:
    """What they do is told by tests/windows."""
    for call in (read_security, make_protected_folder, protect_file):
        with pytest.raises(OSError, match="a running Windows"):
            call(tmp_path)
    with pytest.raises(OSError, match="a running Windows"):
        read_user()
    with pytest.raises(OSError, match="a running Windows"):
        read_words("O:BA")
