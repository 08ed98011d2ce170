"""What a host's receipt says, checked: its answer is inline, or lies there and is fetched in parts."""

import base64
import binascii
import hashlib
import zlib

import msgspec

from codered.export.writing.escaping import printable
from codered.model.job import Receipt
from codered_hq.engines.host_script import Frame
from codered_hq.model.engine import Outcome, Return

AT_ONCE = 15 << 20
"""Bytes of an answer that one part may hold when it is unpacked."""
_MOST_PATH = 1024


class Unfinished:
    """An answer that lies on its host still, and what of it has been fetched."""

    def __init__(self, receipt: Receipt, frame: Frame) -> None:
        self._receipt = receipt
        self._frame = frame
        self._have = bytearray()

    def next_part(self) -> bytes:
        """The input for the script: from where, how much, and of which file."""
        count = min(AT_ONCE, self._receipt.size - len(self._have))
        return f"{len(self._have)} {count} {self._receipt.path}\n".encode()

    def take(self, host: str, frame: Frame) -> Return | None:
        """Add a part. A Return when that was the last one or nothing can come of it; None when there is more."""
        if frame.state != "part":
            return make_return(host, "failed", f"its answer could not be fetched: {frame.why}", self._frame)
        left = self._receipt.size - len(self._have)
        part = _unpack(frame.said, min(AT_ONCE, left))
        if not part:
            return make_return(host, "garbled", "a part of its answer is damaged or empty", self._frame)
        self._have += part
        return None if len(part) < left else _check(host, bytes(self._have), self._receipt, self._frame)


def make_return(host: str, outcome: Outcome, reason: str, frame: Frame | None = None) -> Return:
    """A Return without an answer. What a host said is made printable and short."""
    code, seconds = (frame.code, float(frame.seconds)) if frame else (None, 0.0)
    short = printable(" ".join(reason.split()))[:300]
    return Return(host=host, outcome=outcome, reason=short, exit_code=code, seconds=seconds)


def read_answer(host: str, frame: Frame, most_bytes: int) -> Return | Unfinished:
    """What became of a host whose program ran: its answer, or what is to be fetched, or why there is none."""
    if frame.state == "timed_out":
        return make_return(host, "timed_out", frame.why, frame)
    if frame.state != "ran":
        return make_return(host, "failed", frame.why or f"the script on the host says {frame.state}", frame)
    try:
        receipt = msgspec.json.decode(frame.said, type=Receipt)
    except (msgspec.DecodeError, RecursionError):
        if frame.code == 0:
            return make_return(host, "garbled", "what the program said is no receipt", frame)
        reason = f"the program ended with {frame.code} and no answer: {frame.why or 'it gave no reason'}"
        return make_return(host, "failed", reason, frame)
    if not 0 < receipt.size <= most_bytes:
        return make_return(host, "garbled", f"its answer has {receipt.size} bytes; {most_bytes} are taken", frame)
    if receipt.inline:
        return _check(host, receipt.inline, receipt, frame)
    path = receipt.path
    if not path.startswith("/") or len(path) > _MOST_PATH or not path.isprintable() or path.endswith((" ", "\\")):
        return make_return(host, "garbled", "its receipt names no file", frame)
    return Unfinished(receipt, frame)


def _check(host: str, answer: bytes, receipt: Receipt, frame: Frame) -> Return:
    if len(answer) != receipt.size or hashlib.sha256(answer).hexdigest() != receipt.sha256:
        return make_return(host, "garbled", "its answer is not what its receipt says", frame)
    return Return(host=host, outcome="answered", exit_code=frame.code, output=answer, seconds=float(frame.seconds))


def _unpack(text: str, most: int) -> bytes:
    """A packed part, never more than `most` bytes of it: what claims to be more is damaged (b"")."""
    try:
        packed = base64.b64decode("".join(text.split()), validate=True)
        unpacking = zlib.decompressobj(wbits=31)
        part = unpacking.decompress(packed, most + 1)
    except (binascii.Error, ValueError, zlib.error):
        return b""
    return part if unpacking.eof and len(part) <= most else b""
