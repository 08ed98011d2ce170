"""The vault: what was taken away or replaced, kept inert. Content lies under its SHA-256 with every byte inverted, so
that no server can run it and no scanner can take it for the threat; beside it a record of all else the file was.
"""

import hashlib
import os
import re
from typing import TypeVar

import msgspec

from codered.model.plan import Action, FileState
from codered.remediate.attributes import read_attributes, read_folder
from codered.remediate.file_state import PIECE, ChangeFailed, HeldFile, Spot, open_regular
from codered.remediate.ntfs_attributes import NtfsBefore, open_stream, read_ntfs
from codered.remediate.placing import Fill, write_all
from codered.remediate.vault_records import HiveRecord, LinkBefore, LinksRecord, PackageBefore, Record
from codered.system.descriptors import NO_FOLLOW, NOT_INHERITED, RAW, read_at
from codered.system.folders import list_in, open_folder, open_in, remove_in, rename_in, sync_folder_at

VAULT_FORMAT = b"codered/vault/1 every byte inverted\n"
INVERT = bytes(255 - value for value in range(256))
_NAME = re.compile(r"[a-z0-9]{1,16}-[0-9a-f]{64}")
_MOST_RECORD = 4 << 20
_SPARSE_STEP = 4096
_WRITE = os.O_WRONLY | os.O_CREAT | NO_FOLLOW | NOT_INHERITED | RAW

_Kept = TypeVar("_Kept", Record, LinksRecord, PackageBefore, HiveRecord)


class Vault:
    """The vault in one case. `tag` (the plan's id) marks our temporary names on the target."""

    def __init__(self, folder: bytes, tag: str) -> None:
        """Opens the folder, which must exist. Raises OSError."""
        self._tag = tag
        self._fd = open_folder(folder)

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._fd)

    def list_actions(self) -> set[str]:
        """The ids of the actions that have a record here."""
        names = [os.fsdecode(name) for name in list_in(self._fd) if name.endswith(b".json")]
        return {name.partition("-")[0] for name in names}

    def temporary_name(self, action: Action) -> bytes:
        """The one name the action may use on the target while it writes."""
        return f".codered-{self._tag}-{action.id}".encode()

    def keep_file(self, action: Action, held: HeldFile) -> str:
        """Back up a file whole: content, then record. The backup's name. Raises OSError, ChangeFailed."""
        seen, windows = os.fstat(held.fd), read_ntfs(held.spot.dir_fd, held.spot.name, held.fd)
        record = Record(
            action=action.id,
            path=action.path,
            state=action.file_state(),
            attributes=read_attributes(held.fd),
            links=seen.st_nlink,
            sparse=getattr(seen, "st_blocks", seen.st_size) * 512 < seen.st_size,
            folder=read_folder(held.spot.dir_fd),
            windows=windows,
        )
        raw = _encode_record(record)  # refused before its content takes room
        if not self.holds(action.file_state()):
            self._store(held.fd, action.file_state())
        if windows is not None:
            self._keep_streams(held.spot, windows)
        return self._write_record(action.id, raw)

    def keep_absence(self, action: Action, spot: Spot) -> str:
        """Remember that nothing was there. The backup's name. Raises OSError, ChangeFailed."""
        record = Record(
            action=action.id,
            path=action.path,
            state=action.file_state(),
            attributes=None,
            links=0,
            sparse=False,
            folder=read_folder(spot.dir_fd),
        )
        return self._write_record(action.id, _encode_record(record))

    def keep_content(self, fd: int, state: FileState) -> None:
        """Keep the content of an open file that is in this state, once. Raises OSError, ChangeFailed."""
        if not self.holds(state):
            self._store(fd, state)

    def _keep_streams(self, spot: Spot, windows: NtfsBefore) -> None:
        for stream in windows.streams:
            fd = open_stream(spot.dir_fd, spot.name, stream.name)
            try:
                self.keep_content(fd, FileState(exists=True, sha256=stream.sha256, size=stream.size))
            finally:
                os.close(fd)

    def read_hive(self, backup: str) -> HiveRecord:
        """The record of a hive's edit. Raises ChangeFailed if it is missing or damaged, OSError."""
        return self._read(backup, HiveRecord)

    def keep_record(self, action: Action, raw: bytes) -> str:
        """A record of another form, for what is no file; the backup's name. Raises OSError."""
        return self._write_record(action.id, raw)

    def keep_links(self, action: Action, links: tuple[LinkBefore, ...]) -> str:
        """Remember the links of a service. The backup's name. Raises OSError, ChangeFailed."""
        return self._write_record(action.id, _encode_record(LinksRecord(action=action.id, links=links)))

    def keep_package(self, record: PackageBefore) -> str:
        """Remember a package. The backup's name. Raises OSError, ChangeFailed."""
        return self._write_record(record.action, _encode_record(record))

    def read_package(self, backup: str) -> PackageBefore:
        """The record of a package. Raises ChangeFailed if it is missing or damaged, OSError."""
        return self._read(backup, PackageBefore)

    def open_log(self, action: Action) -> int:
        """A descriptor to which a program's words are appended, beside the backups. Raises OSError."""
        return open_in(self._fd, f"{action.id}.log".encode(), _WRITE | os.O_APPEND)

    def read_record(self, backup: str) -> Record:
        """The record of this name, which also seals it. Raises ChangeFailed if it is missing or damaged, OSError."""
        return self._read(backup, Record)

    def read_links(self, backup: str) -> LinksRecord:
        """The record of a service's links. Raises ChangeFailed if it is missing or damaged, OSError."""
        return self._read(backup, LinksRecord)

    def _read(self, backup: str, kind: type[_Kept]) -> _Kept:
        if not _NAME.fullmatch(backup):
            raise ChangeFailed("the journal names a backup that can't be one")
        try:
            fd = open_regular(Spot(self._fd, f"{backup}.json".encode()))
        except FileNotFoundError:
            raise ChangeFailed(f"its record {backup}.json is missing from the vault") from None
        try:
            raw = os.read(fd, _MOST_RECORD + 1)
        finally:
            os.close(fd)
        if hashlib.sha256(raw).hexdigest() != backup.partition("-")[2]:
            raise ChangeFailed(f"its record {backup}.json in the vault is damaged")
        try:
            return msgspec.json.decode(raw, type=kind)
        except msgspec.DecodeError as error:
            raise ChangeFailed(f"its record {backup}.json in the vault is of another version: {error}") from None

    def holds(self, state: FileState) -> bool:
        """Whether the content is here, unharmed."""
        try:
            self.copy_out(state, None)
        except (OSError, ChangeFailed):
            return False
        return True

    def copy_out(self, state: FileState, out: int | None, *, sparse: bool = False) -> None:
        """Write the content, as it was, to a descriptor (None: only check it); `sparse`: zeros become holes again.
        Raises ChangeFailed if the vault's copy is damaged, OSError.
        """
        fd = open_regular(Spot(self._fd, _content_name(state)))
        try:
            digest, size = hashlib.sha256(), 0
            if os.read(fd, len(VAULT_FORMAT)) != VAULT_FORMAT:
                raise ChangeFailed("its copy in the vault is damaged")
            while piece := os.read(fd, PIECE):
                plain = piece.translate(INVERT)
                digest.update(plain)
                size += len(plain)
                if out is not None:
                    _write_piece(out, plain, sparse=sparse)
            if digest.hexdigest() != state.sha256 or size != state.size:
                raise ChangeFailed("its copy in the vault is damaged")
            if out is not None:
                os.ftruncate(out, size)
        finally:
            os.close(fd)

    def _store(self, fd: int, state: FileState) -> None:
        def fill(out: int) -> None:
            write_all(out, VAULT_FORMAT)
            digest, offset = hashlib.sha256(), 0
            while piece := read_at(fd, PIECE, offset):
                digest.update(piece)
                offset += len(piece)
                if offset > state.size:
                    raise ChangeFailed("it grows while it is being copied to the vault")
                write_all(out, piece.translate(INVERT))
            if digest.hexdigest() != state.sha256:
                raise ChangeFailed("it changed while it was being copied to the vault")

        self._write_file(_content_name(state), fill)

    def _write_record(self, action_id: str, raw: bytes) -> str:
        name = f"{action_id}-{hashlib.sha256(raw).hexdigest()}"
        self._write_file(f"{name}.json".encode(), lambda out: write_all(out, raw))
        return name

    def _write_file(self, name: bytes, fill: Fill) -> None:
        """Complete and on the disk before it has its name."""
        part = name + b".part"
        fd = open_in(self._fd, part, _WRITE | os.O_TRUNC)
        try:
            fill(fd)
            os.fsync(fd)
            rename_in(self._fd, part, name)
        except BaseException:
            remove_in(self._fd, part)  # on a full disk every block counts
            raise
        finally:
            os.close(fd)
        sync_folder_at(self._fd)


def _encode_record(record: Record | LinksRecord | PackageBefore) -> bytes:
    """Raises ChangeFailed if it is larger than what is ever read back: a file that could not be put back."""
    raw = msgspec.json.encode(record, order="deterministic")
    if len(raw) > _MOST_RECORD:
        raise ChangeFailed(
            f"its extended attributes make a record of {len(raw):,} bytes, more than the {_MOST_RECORD:,} the vault "
            "keeps: it is not touched, move it away by hand"
        )
    return raw


def _content_name(state: FileState) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{64}", state.sha256):
        raise ChangeFailed("the plan holds a hash that can't be one")
    return f"{state.sha256}.inert".encode()


def _write_piece(out: int, plain: bytes, *, sparse: bool) -> None:
    if not sparse:
        write_all(out, plain)
        return
    for start in range(0, len(plain), _SPARSE_STEP):
        step = plain[start : start + _SPARSE_STEP]
        if step.count(0) == len(step):
            os.lseek(out, len(step), os.SEEK_CUR)
        else:
            write_all(out, step)
