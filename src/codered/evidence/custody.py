"""The custody log of a container: a line an event, each chained to the one before and signed."""

import fcntl
import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.evidence.standalone_verifier import CUSTODY, NOTHING, PURPOSE, encode_canonical
from codered.model.errors import WrongUse
from codered.model.evidence import CustodyEntry, CustodyEvent
from codered.signing.keys import public_bytes, sign

_ADVICE = "codered evidence verify says what is wrong with it"
MOST_BYTES = 1 << 30
MOST_ENTRY = 1 << 20  # bytes of an entry


class CustodyStep(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, for the log: see CustodyEntry."""

    what: CustodyEvent
    evidence_id: str
    who: str
    sha256_before: str = ""
    sha256_after: str = ""
    size: int = 0
    authority: str = ""
    giver: str = ""
    receiver: str = ""
    why: str = ""


class CustodyLog:
    """The log of one container, open and locked for adding. `head` is the hash of its last entry, `count` how many
    there are.
    """

    def __init__(self, container: Path, key: Ed25519PrivateKey, *, new: bool = False, who: str = "codered") -> None:
        """An entry that was cut off when a machine stopped is taken away, and that `who` did so is entered. Raises
        WrongUse if the log does not hold together or somebody else adds to it, OSError.
        """
        self._key = key
        self._public = public_bytes(key).hex()
        made = os.O_CREAT | os.O_EXCL if new else 0
        self._fd = os.open(container / CUSTODY, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | made, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            entries = () if new else read_entries(container)
            self.count = len(entries)
            self.head = entries[-1].hash if entries else NOTHING
            if not new:
                self._cut_torn_end(container, entries, who)
        except BlockingIOError:
            os.close(self._fd)
            raise WrongUse("is being written to", where=str(container), advice="wait for it to end") from None
        except BaseException:
            os.close(self._fd)
            raise

    def close(self) -> None:
        """Let go of it."""
        os.close(self._fd)

    def add(self, step: CustodyStep) -> CustodyEntry:
        """Write the entry to the disk. The clock may have been set back: it is written all the same. Raises OSError."""
        body: dict[str, Any] = msgspec.to_builtins(step)
        body |= {"from": body.pop("giver"), "to": body.pop("receiver"), "format": "codered/custody/1"}
        body |= {"seq": self.count + 1, "prev": self.head, "key": self._public}
        body["at"] = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        raw = encode_canonical(body)
        body["hash"] = hashlib.sha256(raw).hexdigest()
        body["signature"] = sign(self._key, PURPOSE.decode(), raw).hex()
        self._append(encode_canonical(body) + b"\n")
        self.count, self.head = self.count + 1, body["hash"]
        return msgspec.convert(body, CustodyEntry)

    def _cut_torn_end(self, container: Path, entries: tuple[CustodyEntry, ...], who: str) -> None:
        size = os.fstat(self._fd).st_size
        _, newline, torn = os.pread(self._fd, MOST_ENTRY, max(0, size - MOST_ENTRY)).rpartition(b"\n")
        if not newline or not entries:
            raise WrongUse("its custody log has no end, or is empty", where=str(container), advice=_ADVICE)
        if not torn:
            return
        os.ftruncate(self._fd, size - len(torn))
        why = "the end of an entry was never written (the machine stopped); what there was of it is taken away"
        self.add(CustodyStep(
            what="open", evidence_id=entries[0].evidence_id, who=who, size=len(torn), why=why,
            sha256_before=hashlib.sha256(torn).hexdigest(),
        ))  # fmt: skip

    def _append(self, line: bytes) -> None:
        """The line, or nothing of it."""
        size = os.fstat(self._fd).st_size
        try:
            written = 0
            while written < len(line):
                written += os.write(self._fd, line[written:])
            os.fsync(self._fd)
        except BaseException:
            os.ftruncate(self._fd, size)
            raise


def read_entries(container: Path) -> tuple[CustodyEntry, ...]:
    """The whole entries of a log, each following the one before; signatures are not looked at, nor is an end that was
    cut off. Raises WrongUse, OSError.
    """
    with open(os.open(container / CUSTODY, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        raw = file.read(MOST_BYTES + 1)
    entries: list[CustodyEntry] = []
    before = NOTHING
    for number, line in enumerate(raw.split(b"\n")[:-1], 1):
        try:
            entry = msgspec.convert(json.loads(line), CustodyEntry)
        except (ValueError, RecursionError):
            raise WrongUse(
                f"entry {number} of its custody log is damaged", where=str(container), advice=_ADVICE
            ) from None
        if entry.prev != before or entry.seq != number:
            what = f"entry {number} of its custody log does not follow the one before"
            raise WrongUse(what, where=str(container), advice=_ADVICE)
        before = entry.hash
        entries.append(entry)
    return tuple(entries)
