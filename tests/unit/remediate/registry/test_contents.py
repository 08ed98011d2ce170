"""Bytes of our own in the vault."""

import os
from pathlib import Path

import pytest

from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry.contents import keep_bytes, read_bytes
from codered.remediate.vault import Vault


def test_they_come_back_or_are_refused(tmp_path: Path) -> None:
    vault = Vault(os.fsencode(tmp_path), "t")
    kept = keep_bytes(b"INERT PAGES" * 9, vault)
    assert read_bytes(kept, vault) == b"INERT PAGES" * 9
    (file,) = tmp_path.iterdir()
    assert b"INERT" not in file.read_bytes()
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(ChangeFailed, match="damaged"):
        read_bytes(kept, vault)
    vault.close()
