"""Bytes of our own in the vault, by their hash: pages of hives, keys as they were."""

import hashlib
import os

from codered.model.plan import FileState
from codered.remediate.placing import write_all
from codered.remediate.vault import Vault


def keep_bytes(raw: bytes, vault: Vault) -> FileState:
    """Put them there; by what is answered they are read again. Raises OSError, ChangeFailed."""
    content = FileState(exists=True, sha256=hashlib.sha256(raw).hexdigest(), size=len(raw))
    fd = os.memfd_create("kept", os.MFD_CLOEXEC)
    try:
        write_all(fd, raw)
        vault.keep_content(fd, content)
    finally:
        os.close(fd)
    return content


def read_bytes(content: FileState, vault: Vault) -> bytes:
    """The bytes again. Raises ChangeFailed if the vault's copy is damaged, OSError."""
    fd = os.memfd_create("kept", os.MFD_CLOEXEC)
    try:
        vault.copy_out(content, fd)
        return os.pread(fd, content.size, 0)
    finally:
        os.close(fd)
