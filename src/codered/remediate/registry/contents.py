"""Bytes of our own in the vault, by their hash: pages of hives, keys as they were."""

import hashlib
import os

from codered.model.plan import FileState
from codered.remediate.placing import write_all
from codered.remediate.vault import Vault
from codered.system.descriptors import open_nameless, read_at


def keep_bytes(raw: bytes, vault: Vault) -> FileState:
    """Put them there; by what is answered they are read again. Raises OSError, ChangeFailed."""
    content = FileState(exists=True, sha256=hashlib.sha256(raw).hexdigest(), size=len(raw))
    fd = open_nameless("kept")
    try:
        write_all(fd, raw)
        vault.keep_content(fd, content)
    finally:
        os.close(fd)
    return content


def read_bytes(content: FileState, vault: Vault) -> bytes:
    """The bytes again. Raises ChangeFailed if the vault's copy is damaged, OSError."""
    fd = open_nameless("kept")
    try:
        vault.copy_out(content, fd)
        return read_at(fd, content.size, 0)
    finally:
        os.close(fd)
