"""trust.toml: whose orders this host obeys (docs/decisions/0031-trust.md).

    /etc/codered/trust.toml     the one file; while it is there no variable leads elsewhere
    CODERED_TRUST               another place for it, for tests and for hosts that keep /etc read-only

A file that is broken, or that others may have written, is never passed over: nothing is changed then.
"""

import os
import stat
from pathlib import Path
from typing import NamedTuple

import msgspec

from codered.model.errors import CodeRedError, Refused
from codered.model.job import Trust
from codered.signing.keys import load_public_key, name_key
from codered.system.descriptors import READ_FILE
from codered.system.private_files import TAKE_FROM_OTHERS, is_open_to_others, is_ours, name_owner

TRUST_FILE = Path("/etc/codered/trust.toml")
MOST_BYTES = 64 << 10
MOST_KEYS = 64


class TrustedOrders(NamedTuple):
    """What trust.toml says, where it lies, and the raw public keys that it names."""

    trust: Trust
    path: Path
    keys: frozenset[bytes]

    def name_keys(self) -> str:
        """The keys by name, for people."""
        return ", ".join(sorted(name_key(key) for key in self.keys))


def read_trust() -> TrustedOrders | None:
    """trust.toml and its keys; None if this host has none. Raises Refused if it can't be relied on."""
    path = _find_file()
    if path is None:
        return None
    try:
        trust = msgspec.toml.decode(_read_safely(path), type=Trust)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _distrust(path, ascii(str(error))[1:-1][:200]) from None
    if not trust.host or not 0 < len(trust.key_files) <= MOST_KEYS:
        raise _distrust(path, f"it must name `host`, and 1 to {MOST_KEYS} `key_files`")
    return TrustedOrders(trust, path, frozenset(_read_key(path.parent / name) for name in trust.key_files))


def _find_file() -> Path | None:
    named = os.environ.get("CODERED_TRUST")
    if os.path.lexists(TRUST_FILE) or not named:
        return TRUST_FILE if os.path.lexists(TRUST_FILE) else None
    if not os.path.lexists(named):
        raise _distrust(Path(named), "it is not there, and CODERED_TRUST names it")
    return Path(named).absolute()


def _read_key(path: Path) -> bytes:
    _read_safely(path)
    try:
        return load_public_key(path)
    except CodeRedError as error:
        raise _distrust(path, error.what) from None


def _read_safely(path: Path) -> bytes:
    """A small file that only root, or we, can have written, and no link. Raises Refused."""
    try:
        folder = os.stat(path.parent)
        with open(os.open(path, READ_FILE), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise _distrust(path, "it is no regular file")
            if not is_ours(status, file.fileno()):
                raise _distrust(path, f"others may write it: {TAKE_FROM_OTHERS}", name_owner(status, path))
            if is_open_to_others(folder, path.parent):
                raise _distrust(path, f"others may write in its folder: {TAKE_FROM_OTHERS}")
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _distrust(path, f"it can't be read: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        raise _distrust(path, f"it is larger than {MOST_BYTES >> 10} KiB")
    return raw


def _distrust(path: Path, because: str, owner: str = "") -> Refused:
    whose = f" (it belongs to {owner})" if owner else ""
    what = f"whose orders this host obeys can't be told, so nothing is changed: {because}{whose}"
    return Refused(what, where=str(path), advice="mend it as root; docs/headquarters.md shows one")
