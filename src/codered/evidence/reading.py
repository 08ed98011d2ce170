"""Reading containers: the manifest, an item's plain content, which ones there are."""

from pathlib import Path

import msgspec

from codered.evidence.custody import read_entries
from codered.evidence.standalone_verifier import MANIFEST, TURNED, Folder
from codered.model.errors import WrongUse
from codered.model.evidence import CustodyEntry, EvidenceItem, EvidenceManifest

MOST_ITEM = 512 << 20  # bytes of an item that is read at once
_ADVICE = "codered evidence verify says what is wrong with it"


class ContainerSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A container as it lies there; `manifest` is None while it is unfinished."""

    folder: str
    id: str
    entries: tuple[CustodyEntry, ...]
    manifest: EvidenceManifest | None = None


def read_container(folder: Path) -> ContainerSeen:
    """The container in this folder, not verified. Raises WrongUse."""
    try:
        entries = read_entries(folder)
        source = Folder(str(folder))
        raw = b"".join(source.read(MANIFEST)) if MANIFEST in source.names else b""
    except OSError as error:
        what = f"is no evidence container: {error.strerror or error}"
        raise WrongUse(what, where=str(folder), advice="give the folder of a container") from None
    try:
        manifest = msgspec.json.decode(raw, type=EvidenceManifest) if raw else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise WrongUse("its manifest is damaged", where=str(folder), advice=_ADVICE) from None
    if not entries:
        raise WrongUse("its custody log is empty", where=str(folder), advice=_ADVICE)
    return ContainerSeen(folder=str(folder), id=entries[0].evidence_id, entries=entries, manifest=manifest)


def read_finished(folder: Path) -> tuple[EvidenceManifest, tuple[CustodyEntry, ...]]:
    """The manifest and log of a container that was finished. Raises WrongUse."""
    seen = read_container(folder)
    if seen.manifest is None:
        raise WrongUse("was never finished", where=str(folder), advice="collect again; what it holds stays there")
    return seen.manifest, seen.entries


def read_item(folder: Path, item: EvidenceItem) -> bytes:
    """The plain content of an item. Raises WrongUse."""
    if item.size > MOST_ITEM or item.name != f"items/{item.id}" or not item.id.isdigit():
        raise WrongUse(f"item {item.id!a} can't be read at once", where=str(folder), advice="extract the items")
    try:
        return b"".join(Folder(str(folder)).read(item.name)).translate(TURNED)
    except OSError as error:
        what = f"item {item.id} can't be read: {error.strerror or error}"
        raise WrongUse(what, where=str(folder), advice=_ADVICE) from None


def list_containers(folder: Path) -> tuple[Path, ...]:
    """The containers in a folder, by name."""
    return (
        tuple(path for path in sorted(folder.iterdir()) if (path / "custody.jsonl").is_file())
        if folder.is_dir()
        else ()
    )
