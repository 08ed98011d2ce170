"""The publisher's keys: Ed25519, a file each (`ROLE-N.pem`) in one or more folders, encrypted if there is a passphrase.

Which key signs for which role stands in the root; the file's name is for people only.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from codered.model.errors import WrongUse
from codered.signing.keys import load_private_key, make_key
from codered.system.private_files import make_private_folder

ROLES = ("root", "targets", "snapshot", "timestamp")
ENDING = ".pem"
MOST_KEYS = 100

Signers = dict[str, CryptoSigner]
"""Key id and what signs with it."""


def make_role_key(folder: Path, role: str, passphrase: bytes = b"") -> CryptoSigner:
    """A new key for a role in the folder, under the next free number. Raises WrongUse."""
    try:
        make_private_folder(folder)
    except OSError as error:
        what = f"can't be made: {error.strerror}"
        raise WrongUse(what, where=str(folder), advice="choose a folder that you can write to") from None
    number = next(n for n in range(1, 1 << 16) if not (folder / f"{role}-{n}{ENDING}").exists())
    return _make_signer(make_key(folder / f"{role}-{number}{ENDING}", passphrase))


def load_signers(folders: tuple[Path, ...], passphrase: bytes = b"") -> Signers:
    """Every key in the folders. Raises WrongUse for one that can't be read, or if there is none."""
    found: Signers = {}
    for folder in folders:
        if not folder.is_dir():
            raise WrongUse("no such folder", where=str(folder), advice="give the folder of the keys with --keys")
        for path in sorted(folder.glob(f"*{ENDING}"))[:MOST_KEYS]:
            signer = _make_signer(load_private_key(path, passphrase))
            found[signer.public_key.keyid] = signer
    if not found:
        where = ", ".join(map(str, folders))
        raise WrongUse("holds no key", where=where, advice="make them: codered packs publish init --keys DIR")
    return found


def read_passphrase(path: Path | None) -> bytes:
    """The first line of a file, which is the passphrase of the keys; b"" without a file. Raises WrongUse."""
    if path is None:
        return b""
    try:
        with path.open("rb") as file:
            line = file.readline(1 << 10).rstrip(b"\r\n")
    except OSError as error:
        raise WrongUse(f"can't be read: {error.strerror}", where=str(path), advice="name a file") from None
    if not line:
        raise WrongUse("holds no passphrase", where=str(path), advice="write it into the first line")
    return line


def _make_signer(key: Ed25519PrivateKey) -> CryptoSigner:
    return CryptoSigner(key)
