"""Ed25519 keys as PEM files, and signatures that say what they were made for.

A signature covers its purpose too ("codered/baseline/1"): one that was made for a baseline proves nothing of a custody
line. A key is named by the SHA-256 of its raw public half.
"""

import hashlib
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from codered.model.errors import WrongUse
from codered.system.descriptors import NEVER_BLOCKS, NOT_INHERITED, RAW
from codered.system.private_files import KEEP_FROM_READERS, is_secret, make_private_file, make_private_folder

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOT_INHERITED | RAW
MOST_BYTES = 16 << 10  # of a key file
_ADVICE = "give an Ed25519 key as PEM"


def make_key(path: Path, passphrase: bytes = b"") -> Ed25519PrivateKey:
    """A new private key in this file, for its owner only, and its public half beside it (`.pub`); with a passphrase it
    is encrypted. Raises WrongUse, also if there is a file already: a key is never replaced.
    """
    key = Ed25519PrivateKey.generate()
    cipher: KeySerializationEncryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, cipher)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write_new(path, secret, 0o600)
    _write_new(path.with_name(path.name + ".pub"), public, 0o644)
    return key


def load_or_make_key(path: Path) -> Ed25519PrivateKey:
    """The private key in this file; a new one if there is none. Raises WrongUse."""
    if path.exists():
        return load_private_key(path)
    try:
        make_private_folder(path.parent)
    except OSError as error:
        what = f"can't be made: {error.strerror}"
        raise WrongUse(what, where=str(path.parent), advice="choose a folder that you can write to") from None
    return make_key(path)


def load_private_key(path: Path, passphrase: bytes = b"") -> Ed25519PrivateKey:
    """The private key in this file, which nobody else may read; the passphrase is for one that is encrypted. Raises
    WrongUse.
    """
    raw, secret = _read(path)
    if b"PRIVATE KEY-----" not in raw:
        raise WrongUse("is no private key", where=str(path), advice=_ADVICE)
    if not secret:
        advice = f"take it from them ({KEEP_FROM_READERS}), or make a new one"
        raise WrongUse("a private key that others may read", where=str(path), advice=advice)
    try:
        encrypted = b"-----BEGIN ENCRYPTED " in raw
        if encrypted and not passphrase:
            raise WrongUse("is an encrypted key", where=str(path), advice="give its passphrase")
        key = load_pem_private_key(raw, password=passphrase if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if b"-----BEGIN ENCRYPTED " in raw:
            raise WrongUse("the passphrase doesn't open it", where=str(path), advice="give the right one") from None
        raise WrongUse("is no private key", where=str(path), advice=_ADVICE) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise WrongUse("is a key of another kind", where=str(path), advice=_ADVICE)
    return key


def load_public_key(path: Path) -> bytes:
    """The raw public key (32 bytes) in this file. Raises WrongUse."""
    raw, _ = _read(path)
    try:
        key = load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise WrongUse("is no public key", where=str(path), advice=_ADVICE) from None
    if not isinstance(key, Ed25519PublicKey):
        raise WrongUse("is a key of another kind", where=str(path), advice=_ADVICE)
    return public_bytes(key)


def load_trusted_keys(folder: Path) -> frozenset[bytes]:
    """The raw public keys of all `*.pub` files in a folder; none if there is no such folder. Raises WrongUse."""
    return frozenset(load_public_key(path) for path in sorted(folder.glob("*.pub"))) if folder.is_dir() else frozenset()


def public_bytes(key: Ed25519PublicKey | Ed25519PrivateKey) -> bytes:
    """The raw public key, 32 bytes."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def name_key(public: bytes) -> str:
    """What a raw public key is called: "ed25519:" and the first 32 hexadecimal digits of its SHA-256."""
    return "ed25519:" + hashlib.sha256(public).hexdigest()[:32]


def sign(key: Ed25519PrivateKey, purpose: str, body: bytes) -> bytes:
    """The signature (64 bytes) over the body for this purpose."""
    return key.sign(_frame(purpose, body))


def is_signed(public: bytes, purpose: str, body: bytes, signature: bytes) -> bool:
    """Whether the owner of this raw public key signed the body for this purpose."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _frame(purpose, body))
    except (InvalidSignature, ValueError):
        return False
    return True


def _frame(purpose: str, body: bytes) -> bytes:
    return purpose.encode() + b"\0" + hashlib.sha256(body).digest()


def _read(path: Path) -> tuple[bytes, bool]:
    """What is in a key file, and whether only its owner can have read it."""
    try:
        with open(os.open(path, os.O_RDONLY | NOT_INHERITED | NEVER_BLOCKS | RAW), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
                raise WrongUse("is no key file", where=str(path), advice=_ADVICE)
            return file.read(), is_secret(status, file.fileno())
    except OSError as error:
        raise WrongUse(f"can't be read: {error.strerror}", where=str(path), advice=_ADVICE) from None


def _write_new(path: Path, body: bytes, mode: int) -> None:
    try:
        with open(os.open(path, _NEW, mode), "wb") as file:
            if not mode & 0o077:
                make_private_file(path)
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        what = f"the key can't be written: {error.strerror}"
        raise WrongUse(what, where=str(path), advice="name a file that does not exist yet") from None
