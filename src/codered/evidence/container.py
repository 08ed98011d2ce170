"""Writing a container: neutral names only, every byte of a content changed, each item in the custody log at once.

A container has its manifest and its seal when it is finished, and only then: one that was stopped by `kill -9` shows.
"""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from codered.evidence.custody import CustodyLog, CustodyStep
from codered.evidence.standalone_verifier import BALLAST as BALLAST_NAME
from codered.evidence.standalone_verifier import MANIFEST, PUBLIC_KEY, README, TURNED, VERIFIER
from codered.model.errors import Refused
from codered.model.evidence import (
    ENCODING,
    ContainerFile,
    EvidenceHeading,
    EvidenceItem,
    EvidenceManifest,
    EvidenceSummary,
    ItemOrigin,
    LeftOut,
)
from codered.model.paths import FilePath
from codered.signing.keys import public_bytes

BALLAST = 4 << 20  # bytes kept free on the disk, so that a container on a full one can still be closed
BUDGET = 2 << 30  # bytes of items
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class DiskFull(Exception):
    """There is no room for more items; what is there can be sealed."""


class NotKept(Exception):
    """The content must not be kept; the item is left out for the reason that stands here."""


class Kept(msgspec.Struct):
    """What the reader of a content learns while it is read, for the item."""

    full_size: int = 0
    offset: int = 0
    changed: bool = False


class EvidenceContainer:
    """A container under way; `size` are the bytes of its items so far."""

    def __init__(self, folder: Path, heading: EvidenceHeading, key: Ed25519PrivateKey, budget: int = BUDGET) -> None:
        """A new container below `folder` for at most `budget` bytes of items. Raises Refused if it can't be made."""
        self.created = datetime.now(UTC)
        self.id = f"{self.created:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        self.folder = folder / self.id
        self.size = 0
        self._heading, self._key, self._budget = heading, key, budget
        self._items: list[EvidenceItem] = []
        self._left_out: list[LeftOut] = []
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700)
            (self.folder / "items").mkdir(mode=0o700)
            self._reserve()
            self._log = CustodyLog(self.folder, key, new=True)
            self._log.add(self._step("collect", self.id, why="collecting began"))
        except OSError as error:
            what = f"no container can be made there: {error.strerror}"
            raise Refused(
                what, where=str(folder), advice="choose another folder with -o, on a disk with room"
            ) from None

    def add(self, origin: ItemOrigin, pieces: Iterable[bytes], kept: Kept | None = None) -> EvidenceItem | None:
        """Keep a content; None if it had to be left out, which is noted. Raises DiskFull; OSError of the pieces is
        noted as the reason.
        """
        number = len(self._items) + 1
        name = f"items/{number:06}"
        try:
            digest, size = self._store(name, pieces)
        except (NotKept, OSError) as error:
            if isinstance(error, OSError) and error.errno in _FULL:
                raise DiskFull(error.strerror) from None
            self.leave_out(origin.source, str(error) if isinstance(error, NotKept) else _tell(error), origin.path)
            return None
        told = kept or Kept()
        item = EvidenceItem(
            id=f"{number:06}", name=name, order=number, origin=origin, sha256=digest, size=size,
            collected=datetime.now(UTC), full_size=told.full_size, offset=told.offset, changed=told.changed,
        )  # fmt: skip
        try:
            step = self._step("collect", f"{self.id}/{item.id}", why=f"{origin.kind}: {origin.source}"[:400])
            self._log.add(msgspec.structs.replace(step, sha256_after=digest, size=size))
        except OSError as error:
            os.unlink(self.folder / name)
            raise DiskFull(error.strerror) from None
        self._items.append(item)
        self.size += size
        return item

    @property
    def items(self) -> int:
        """How many there are so far."""
        return len(self._items)

    def leave_out(self, what: str, because: str, path: FilePath | None = None) -> None:
        """Note that something is not in the container."""
        self._left_out.append(LeftOut(what, because, path))

    def finish(self, ended: str = "") -> EvidenceSummary:
        """Write the manifest and seal it; `ended` says why collecting stopped before its end. Raises Refused if even
        that can't be written.
        """
        try:
            (self.folder / BALLAST_NAME).unlink(missing_ok=True)
            files = tuple(self._write_file(name, body) for name, body in self._make_files())
            manifest = self._make_manifest(files, ended)
            raw = msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=1) + b"\n"
            sealed = self._write_file(MANIFEST, raw)
            step = self._step("seal", self.id, why=f"{len(self._items)} items; {MANIFEST} names them")
            self._log.add(msgspec.structs.replace(step, sha256_after=sealed.sha256, size=sealed.size))
        except OSError as error:
            what = f"the container can't be closed: {error.strerror}"
            raise Refused(
                what, where=str(self.folder), advice="what it holds stays, unsealed; free space, collect again"
            ) from None
        finally:
            self._log.close()
        return EvidenceSummary(
            id=self.id, folder=str(self.folder), items=len(self._items), bytes=self.size, head=self._log.head,
            left_out=tuple(self._left_out), complete=not ended, ended=ended,
        )  # fmt: skip

    def abandon(self) -> None:
        """Let go of it unsealed."""
        self._log.close()

    def _step(self, what: str, evidence_id: str, why: str) -> CustodyStep:
        step = {"what": what, "evidence_id": evidence_id, "who": self._heading.by, "why": why}
        step |= {"authority": self._heading.authority, "from": "", "to": ""}
        return msgspec.convert(step, CustodyStep)

    def _make_manifest(self, files: tuple[ContainerFile, ...], ended: str) -> EvidenceManifest:
        return EvidenceManifest(
            id=self.id, heading=self._heading, created=self.created, finished=datetime.now(UTC), encoding=ENCODING,
            key=public_bytes(self._key).hex(), custody=self._log.count, complete=not ended, ended=ended,
            items=tuple(self._items), left_out=tuple(self._left_out), files=files,
        )  # fmt: skip

    def _make_files(self) -> list[tuple[str, bytes]]:
        room = resources.files("codered.evidence")
        public = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        verifier = room.joinpath("standalone_verifier.py").read_bytes()
        return [
            (README, room.joinpath("container_readme.txt").read_bytes()),
            (VERIFIER, verifier),
            (PUBLIC_KEY, public),
        ]

    def _store(self, name: str, pieces: Iterable[bytes]) -> tuple[str, int]:
        """The content under its name, whole and on the disk, or not at all; its SHA-256 and size. Raises OSError."""
        part = self.folder / f"{name}.part"
        digest, size = hashlib.sha256(), 0
        try:
            with open(os.open(part, _NEW, 0o600), "wb", buffering=0) as file:
                for piece in pieces:
                    digest.update(piece)
                    size += len(piece)
                    if self.size + size > self._budget:
                        raise NotKept(f"it does not fit into the budget of {self._budget:,} bytes")
                    _write_all(file.fileno(), piece.translate(TURNED))
                os.fsync(file.fileno())
            part.rename(self.folder / name)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return digest.hexdigest(), size

    def _write_file(self, name: str, body: bytes) -> ContainerFile:
        part = self.folder / f"{name}.part"
        with open(os.open(part, _NEW, 0o600), "wb", buffering=0) as file:
            _write_all(file.fileno(), body)
            os.fsync(file.fileno())
        part.rename(self.folder / name)
        return ContainerFile(name, hashlib.sha256(body).hexdigest(), len(body))

    def _reserve(self) -> None:
        fd = os.open(self.folder / BALLAST_NAME, _NEW, 0o600)
        try:
            os.posix_fallocate(fd, 0, BALLAST)
        finally:
            os.close(fd)


def _write_all(fd: int, data: bytes) -> None:
    done = 0
    while done < len(data):
        done += os.write(fd, memoryview(data)[done:])


def _tell(error: OSError) -> str:
    return error.strerror or str(error)
