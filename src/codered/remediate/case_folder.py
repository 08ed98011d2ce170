"""The folder of one case on disk: `plan.json journal.jsonl vault/ lock ballast`. One process at a time works in it."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from codered.model.errors import Refused
from codered.model.plan import Plan
from codered.model.plan_reading import decode_plan
from codered.remediate.file_state import escape_text
from codered.remediate.journal import Journal
from codered.remediate.placing import write_all
from codered.remediate.vault import Vault
from codered.system.descriptors import NO_FOLLOW, NOT_INHERITED, RAW, measure_free, reserve
from codered.system.folders import sync_folder
from codered.system.locks import lock_whole
from codered.system.private_files import MAKE_OURS_ALONE, is_ours, make_private_folder

BALLAST = 1 << 20
# Room for the journal, the records and the folder's own blocks, beside the contents; in bytes.
MARGIN = 3 << 20
_OPEN = os.O_RDWR | os.O_CREAT | NO_FOLLOW | NOT_INHERITED | RAW

# Folders that web servers serve from: a vault there could be fetched by anybody.
_SERVED = (
    "var/www",
    "srv/www",
    "srv/http",
    "usr/share/nginx",
    "usr/share/apache2",
    "inetpub",
    "wwwroot",
    "htdocs",
    "public_html",
)


class CaseFolder:
    """An open, locked case."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        """Raises Refused, OSError."""
        self.folder = os.fsencode(folder)
        self.shown = escape_text(str(folder))
        self._ballast = os.path.join(self.folder, b"ballast")
        self._bind_plan(plan)
        vault = os.path.join(self.folder, b"vault")
        _make_private(vault)
        self.journal = Journal(os.path.join(self.folder, b"journal.jsonl"), self.release_ballast)
        try:
            self.journal.check_plan(plan.digest)
            self.vault = Vault(vault, plan.id)
            self._check_whole()
        except BaseException:
            self.journal.close()
            raise

    def _check_whole(self) -> None:
        """A backup is begun in the journal before the next one is made: more of them than one that it does not know
        mean that lines are gone, and "nothing was applied" would be a lie. Raises Refused.
        """
        begun = {entry.action for entry in self.journal.entries if entry.event == "begun"}
        unknown = self.vault.list_actions() - begun
        if len(unknown) > (1 if self.journal.entries else 0):
            what = f"the vault holds backups of {len(unknown)} files that the journal does not know: it was cut"
            raise Refused(what, where=self.shown, advice="put journal.jsonl back from a copy; nothing was touched")

    def close(self) -> None:
        """Let go of everything but the lock."""
        self.journal.close()
        self.vault.close()

    def check_space(self, needed: int) -> None:
        """Raises Refused if the disk of the vault can't take `needed` more bytes; else puts the ballast in place."""
        free = measure_free(self.folder) + (BALLAST if os.path.exists(self._ballast) else 0)
        if free < needed + MARGIN:
            raise Refused(
                f"the vault needs {needed + MARGIN:,} bytes and its disk has {free:,}; nothing was touched",
                where=self.shown,
                advice="free space there, or set CODERED_STATE to a folder on a larger disk",
            )
        try:
            self._load_ballast()
        except OSError as error:
            what = f"no space can be reserved there: {error.strerror}; nothing was touched"
            raise Refused(what, where=self.shown, advice="free space there") from None

    def release_ballast(self) -> None:
        """Give the reserved space back to the disk, so that lines can still be written and files brought back."""
        try:
            os.unlink(self._ballast)
        except FileNotFoundError:
            return
        sync_folder(self.folder)

    def _load_ballast(self) -> None:
        fd = os.open(self._ballast, _OPEN, 0o600)
        try:
            if os.fstat(fd).st_size != BALLAST:
                reserve(fd, BALLAST)
        finally:
            os.close(fd)

    def _bind_plan(self, plan: Plan) -> None:
        """The plan's copy in its case; the first one stays."""
        path = os.path.join(self.folder, b"plan.json")
        try:
            fd = os.open(path, os.O_RDONLY | NO_FOLLOW | NOT_INHERITED | RAW)
        except FileNotFoundError:
            _write_plan(path, plan)
            return
        try:
            raw = b""
            while piece := os.read(fd, 1 << 20):
                raw += piece
        finally:
            os.close(fd)
        if raw != _encode_plan(plan) and not _is_older(raw, plan):
            raise Refused(
                "holds another plan", where=escape_text(os.fsdecode(path)), advice="use the case of this plan"
            )


@contextmanager
def open_case(folder: Path, plan: Plan, *, create: bool) -> Iterator[CaseFolder]:
    """The case of the plan, locked. Raises Refused (somebody else works in it, it is another plan's, its journal is
    damaged, it is not ours alone, or there is none and `create` is false), OSError.
    """
    where = escape_text(str(folder))
    if create:
        _make_private(os.fsencode(folder))
    elif not folder.is_dir():
        raise Refused("nothing was applied from this plan here", where=where, advice="see the state folder's cases")
    _check_private(os.fsencode(folder))
    lock = os.open(folder / "lock", _OPEN, 0o600)
    try:
        try:
            lock_whole(lock)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise Refused("is in use by another apply or rollback", where=where, advice="wait for it to end") from None
        case = CaseFolder(folder, plan)
        try:
            yield case
        finally:
            case.close()
    finally:
        os.close(lock)


def check_place(folder: Path, root: str) -> None:
    """Raises Refused if a vault must not stand here: on the target itself, or where a web server may serve it."""
    real = os.path.realpath(os.fsencode(folder))
    top = os.path.realpath(os.fsencode(root))
    advice = "set CODERED_STATE to a folder elsewhere"
    if top != b"/" and (real + b"/").startswith(top + b"/"):
        raise Refused("the vault must not stand on the target itself", where=escape_text(str(folder)), advice=advice)
    lowered = os.fsdecode(real).lower().replace("\\", "/") + "/"
    if any(f"/{served}/" in lowered for served in _SERVED):
        raise Refused("the vault must not stand below a web root", where=escape_text(str(folder)), advice=advice)


def _make_private(folder: bytes) -> None:
    if os.path.isdir(folder):
        return
    parent = os.path.dirname(folder)
    if not os.path.isdir(parent):
        _make_private(parent)
    make_private_folder(Path(os.fsdecode(folder)))
    sync_folder(parent)


def _check_private(folder: bytes) -> None:
    seen = os.lstat(folder)
    if not stat.S_ISDIR(seen.st_mode) or not is_ours(seen, os.fsdecode(folder)):
        raise Refused(
            "others may write in this case, so its journal can't be trusted",
            where=escape_text(os.fsdecode(folder)),
            advice=f"make it yours alone ({MAKE_OURS_ALONE}), or use another state folder",
        )


def _encode_plan(plan: Plan) -> bytes:
    return msgspec.json.encode(plan, order="deterministic") + b"\n"


def _is_older(raw: bytes, plan: Plan) -> bool:
    """Whether these are this very plan's bytes as an older version wrote them."""
    try:
        return bool(plan.sealed_as) and decode_plan(raw) == plan
    except msgspec.DecodeError:
        return False


def _write_plan(path: bytes, plan: Plan) -> None:
    part = path + b".part"
    fd = os.open(part, _OPEN | os.O_TRUNC, 0o600)
    try:
        write_all(fd, _encode_plan(plan))
        os.fsync(fd)
    finally:
        os.close(fd)
    os.replace(part, path)
    sync_folder(os.path.dirname(path))
