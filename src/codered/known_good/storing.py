"""A baseline as a file: one line of JSON that is signed, and the body that it holds the hash of.

The line must be written exactly as we would write it, so that no byte of the file can be another one unnoticed.
"""

import hashlib
import os
import stat
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import msgspec

from codered.known_good.packing import pack, unpack
from codered.known_good.whole_files import write_whole
from codered.model.errors import Refused, WrongUse
from codered.model.known_good import BASELINE_FORMAT, Baseline
from codered.signing.keys import is_signed, name_key, public_bytes, sign

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ENDING = ".baseline"
MOST_HEADER = 64 << 10  # bytes
MOST_BODY = 2 << 30  # of the file
MOST_PLAIN = 4 << 30  # unpacked
_AGAIN = "make a new one with `codered baseline create`, and find out who changed this"
_KEY = "give the key of whoever signed it: --trust KEY.pub"


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of a baseline: what it is of, the SHA-256 and size of the body (packed; and unpacked), and who
    signed all that (hexadecimal; "" = nobody).
    """

    format: Literal["codered/baseline/1"] = "codered/baseline/1"
    id: str
    host: str
    root: str
    created: datetime
    tool: str
    folders: int
    entries: int
    body_sha256: str
    body_bytes: int
    plain_bytes: int
    public_key: str = ""
    signature: str = ""

    def signer(self) -> str:
        """The name of the key that it says it was signed with; "" = not signed."""
        try:
            return name_key(bytes.fromhex(self.public_key)) if self.public_key else ""
        except ValueError:
            return "no key"


class SignedBaseline(msgspec.Struct, frozen=True):
    """A baseline that was read whole and unharmed. `signer` is the name of the trusted key that signed it; "" = nobody
    did, so nothing says that it was not changed.
    """

    baseline: Baseline
    signer: str
    path: Path


def write_baseline(path: Path, baseline: Baseline, key: "Ed25519PrivateKey | None") -> Header:
    """Write a baseline whole or not at all, for its owner only; signed if there is a key. Raises WrongUse."""
    plain = msgspec.msgpack.encode(baseline)
    packed = pack(plain)
    header = Header(
        id=baseline.id,
        host=baseline.host,
        root=baseline.root,
        created=baseline.created,
        tool=baseline.tool,
        folders=len(baseline.folders),
        entries=sum(len(folder.numbers) for folder in baseline.folders) // 40,
        body_sha256=hashlib.sha256(packed).hexdigest(),
        body_bytes=len(packed),
        plain_bytes=len(plain),
    )
    header = _sign(header, key)
    write_whole(path, _line(header) + packed)
    return header


def sign_baseline(path: Path, into: Path, key: "Ed25519PrivateKey") -> Header:
    """Sign a baseline (again), in the place of whoever signed it before: it must be unharmed, and what they signed, but
    who they are is not asked. Raises WrongUse, Refused.
    """
    header, body = _read_parts(path)
    find_signer(path, header)
    header = _sign(header, key)
    write_whole(into, _line(header) + body)
    return header


def read_header(path: Path) -> Header:
    """What a baseline says of itself; nothing of it is checked. Raises WrongUse, Refused."""
    with _open(path) as file:
        return _decode_header(path, file.read(MOST_HEADER))[0]


def read_baseline(path: Path, trusted: frozenset[bytes]) -> SignedBaseline:
    """The baseline in this file, if it is whole and either not signed or signed with one of these keys (raw, 32 bytes).
    Raises WrongUse if there is none, Refused if one byte of it was changed or somebody else signed it.
    """
    header, body = _read_parts(path)
    signer = find_signer(path, header, trusted)
    try:
        baseline = msgspec.msgpack.decode(unpack(body, header.plain_bytes), type=Baseline)
    except (ValueError, RecursionError):  # what msgspec raises is a ValueError too
        raise Refused("is damaged: its body can't be read", where=str(path), advice=_AGAIN) from None
    if not signer:
        _check_folders(path, baseline)
    if (baseline.id, baseline.host) != (header.id, header.host):
        raise Refused("is damaged: body and header are of two baselines", where=str(path), advice=_AGAIN)
    return SignedBaseline(baseline, signer, path)


def list_baselines(folder: Path) -> tuple[tuple[Path, Header], ...]:
    """The baselines in a folder, the newest first; what is none is passed over. Raises WrongUse."""
    found = []
    try:
        paths = sorted(folder.glob("*" + ENDING)) if folder.is_dir() else []
    except OSError as error:
        raise WrongUse(f"can't be listed: {error.strerror}", where=str(folder), advice="run it as its owner") from None
    for path in paths:
        try:
            found.append((path, read_header(path)))
        except (WrongUse, Refused):
            continue
    return tuple(sorted(found, key=lambda item: item[1].created, reverse=True))


def _sign(header: Header, key: "Ed25519PrivateKey | None") -> Header:
    if key is None:
        return header
    unsigned = msgspec.structs.replace(header, public_key=public_bytes(key).hex(), signature="")
    signature = sign(key, BASELINE_FORMAT, _line(unsigned))
    return msgspec.structs.replace(unsigned, signature=signature.hex())


def find_signer(path: Path, header: Header, trusted: frozenset[bytes] | None = None) -> str:
    """The name of the key that signed this header, "" if nobody did. Raises Refused if the signature does not hold, or
    is not by one of the trusted keys (None = whoever it is).
    """
    if not header.public_key and not header.signature:
        return ""
    try:
        public, signature = bytes.fromhex(header.public_key), bytes.fromhex(header.signature)
    except ValueError:
        raise Refused("is damaged: its signature is none", where=str(path), advice=_AGAIN) from None
    if (public.hex(), signature.hex()) != (header.public_key, header.signature):
        raise Refused("is damaged: its signature is not as it was written", where=str(path), advice=_AGAIN)
    if trusted is not None and public not in trusted:
        raise Refused(f"is signed with a key that is not trusted ({name_key(public)})", where=str(path), advice=_KEY)
    unsigned = msgspec.structs.replace(header, signature="")
    if not is_signed(public, BASELINE_FORMAT, _line(unsigned), signature):
        raise Refused("was changed after it was signed", where=str(path), advice=_AGAIN)
    return name_key(public)


def _check_folders(path: Path, baseline: Baseline) -> None:
    """What nobody signed may have been written by anybody: it is taken apart before it is used. Raises Refused."""
    try:
        for folder in baseline.folders:
            folder.states()
            folder.records()
    except (ValueError, RecursionError):
        raise Refused("is damaged: the records of a folder", where=str(path), advice=_AGAIN) from None


def _read_parts(path: Path) -> tuple[Header, bytes]:
    """Header and body, which belong together. Raises WrongUse, Refused."""
    try:
        with _open(path) as file:
            raw = file.read(MOST_HEADER + MOST_BODY + 1)
    except OSError as error:
        raise WrongUse(f"can't be read: {error.strerror}", where=str(path), advice="check the disk") from None
    header, start = _decode_header(path, raw[:MOST_HEADER])
    body = raw[start:]
    if header.body_bytes != len(body) or header.body_sha256 != hashlib.sha256(body).hexdigest():
        raise Refused("is damaged: its body is not the one it was made with", where=str(path), advice=_AGAIN)
    if not 0 <= header.plain_bytes <= MOST_PLAIN:
        raise Refused("says that it is larger than any baseline", where=str(path), advice=_AGAIN)
    return header, body


def _decode_header(path: Path, start: bytes) -> tuple[Header, int]:
    """The header and where the body begins. Raises WrongUse for what is no baseline, Refused for one that is not
    written as we write it.
    """
    line, newline, _ = start.partition(b"\n")
    if b"codered/baseline/" not in line[:64] or not newline:
        raise Refused("is no baseline, or was cut off", where=str(path), advice="see `codered baseline list`")
    try:
        header = msgspec.json.decode(line, type=Header)
    except (ValueError, RecursionError):
        raise Refused("is damaged: its first line can't be read", where=str(path), advice=_AGAIN) from None
    if _line(header) != line + newline:
        raise Refused("is damaged: its first line is not as it was written", where=str(path), advice=_AGAIN)
    return header, len(line) + 1


def _line(header: Header) -> bytes:
    return msgspec.json.encode(header) + b"\n"


def _open(path: Path) -> BinaryIO:
    """Raises WrongUse if there is no regular file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise WrongUse(
            f"can't be read: {error.strerror}", where=str(path), advice="see `codered baseline list`"
        ) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise WrongUse("is no file", where=str(path), advice="see `codered baseline list`")
    return os.fdopen(descriptor, "rb")
