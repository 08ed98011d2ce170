"""The signature of a release, and what it vouches for.

Signed is `SHA256SUMS`, as plain Ed25519 over its bytes, so that OpenSSL and coreutils are enough to verify a release.
Its first line, a comment to coreutils, says what it is for: other signatures of ours cover a purpose and a digest in
another form (codered.signing.keys), and none can be taken for one of these.
"""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from codered.model.errors import Refused, WrongUse
from codered.model.release import RELEASE_FORMAT, Release

SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
MANIFEST = "release.json"
INSTALLED = "codered-files.sha256"
"""A line for each file of our packages, under its path where Python keeps packages; in the form of sha256sum."""
MOST_BYTES = 16 << 20
"""Of any of these files."""

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9_@+.,/ ()~-]{1,400})")
_ADVICE = "get the release again, whole"


class OpenedRelease(NamedTuple):
    """A release whose signature holds, and its list of our installed files: path -> SHA-256 in hexadecimal."""

    release: Release
    installed: dict[str, str]


def sign_sums(key: Ed25519PrivateKey, sums: bytes) -> bytes:
    """The signature (64 bytes) over the bytes of SHA256SUMS. Raises WrongUse if they don't say that they are that."""
    if not sums.startswith(_first_word()):
        raise WrongUse(
            "is no list of a release", where=SUMS, advice=f"its first line must be {_first_word().decode()}…"
        )
    return key.sign(sums)


def render_sums(version: str, sums: dict[str, str]) -> bytes:
    """SHA256SUMS of a release: name -> SHA-256 in hexadecimal."""
    lines = [f"{_first_word().decode()}{version}", *(f"{digest}  {name}" for name, digest in sorted(sums.items()))]
    return ("\n".join(lines) + "\n").encode()


def open_release(manifest: Path, public: bytes) -> OpenedRelease:
    """The release whose release.json this is, the other lists lying beside it; `public` is the publisher's raw key.
    Raises Refused if the signature or a list is not the publisher's, WrongUse if one can't be read.
    """
    folder = manifest.parent
    raw = _read(folder / SUMS)
    if not raw.startswith(_first_word()) or not _is_signed(public, raw, _read(folder / SIGNATURE)):
        what = "is not signed by that key as the list of a release"
        raise Refused(what, where=str(folder / SUMS), advice="trust nothing of it; get the release, or the key, again")
    sums = parse_sums(raw, str(folder / SUMS))
    document = _read_listed(manifest, sums, MANIFEST)
    try:
        release = msgspec.json.decode(document, type=Release)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        advice = "use a newer version of the tool"
        raise WrongUse(f"is not of the form {RELEASE_FORMAT}", where=str(manifest), advice=advice) from None
    listed = folder / INSTALLED
    return OpenedRelease(release, parse_sums(_read_listed(listed, sums, INSTALLED), str(listed)))


def parse_sums(raw: bytes, where: str) -> dict[str, str]:
    """Name -> SHA-256 of a list as sha256sum writes it; lines that start with # are comments. Raises WrongUse."""
    found = {}
    for number, line in enumerate(raw.decode("ascii", "replace").splitlines(), 1):
        if line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or match[2] in found:
            raise WrongUse("is no line of sha256sum, or one twice", where=f"{where}:{number}", advice=_ADVICE)
        found[match[2]] = match[1]
    return found


def _first_word() -> bytes:
    return f"# {RELEASE_FORMAT} ".encode()


def _is_signed(public: bytes, body: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, body)
    except (InvalidSignature, ValueError):
        return False
    return True


def _read_listed(path: Path, sums: dict[str, str], name: str) -> bytes:
    raw = _read(path)
    if sums.get(name) != hashlib.sha256(raw).hexdigest():
        raise Refused(f"is not the {name} that was signed", where=str(path), advice=_ADVICE)
    return raw


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise WrongUse(f"can't be read: {error.strerror}", where=str(path), advice=_ADVICE) from None
    if len(raw) > MOST_BYTES:
        raise WrongUse(f"is larger than {MOST_BYTES >> 20} MiB", where=str(path), advice=_ADVICE)
    return raw
