"""The target `index.json`: which packs a source has now. Everything else in a repository is left alone."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from codered.model.errors import Refused
from codered.packs.updating.current import Digest, order_version

INDEX_TARGET = "index.json"
MOST_INDEX_BYTES = 1 << 20
MOST_PACKS = 500
MOST_NAME = 64

PackName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)", max_length=MOST_NAME)]
Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}\.[0-9]{2}\.[0-9]{1,9}$(?!\n)")]
Target = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,140}\.tar\.zst$(?!\n)")]


class IndexedPack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pack, the digest over its files, and the target that holds them."""

    name: PackName
    version: Version
    digest: Digest
    target: Target


class IndexedHeuristics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `*.heuristics.yaml` that lie beside the packs, if a publisher has some of his own."""

    digest: Digest
    target: Target


class Index(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The set of packs that belongs together."""

    format: Literal[1] = 1
    packs: Annotated[tuple[IndexedPack, ...], msgspec.Meta(max_length=MOST_PACKS)] = ()
    heuristics: IndexedHeuristics | None = None

    def pack_named(self, name: str) -> IndexedPack | None:
        """The entry of a pack."""
        return next((pack for pack in self.packs if pack.name == name), None)


def read_index(data: bytes, where: str) -> Index:
    """The index in these bytes. Raises Refused for one that is not understood."""
    try:
        index = msgspec.json.decode(data, type=Index)
    except (msgspec.MsgspecError, RecursionError):
        advice = "nothing was changed; it may be for a newer version of this tool"
        raise Refused("its list of packs is not understood", where=where, advice=advice) from None
    if len({pack.name for pack in index.packs}) < len(index.packs):
        raise Refused("its list names a pack twice", where=where, advice="nothing was changed; tell the publisher")
    return index


def find_future(version: str, now: datetime) -> bool:
    """Whether a version is later than next month: with it a pack would win over all that come, for ever."""
    number = order_version(version)[:2]
    return number > ((now.year, now.month + 1) if now.month < 12 else (now.year + 1, 1))


def write_index(index: Index) -> bytes:
    """The bytes of an index: the same index gives the same bytes."""
    ordered = msgspec.structs.replace(index, packs=tuple(sorted(index.packs, key=lambda pack: pack.name)))
    return msgspec.json.format(msgspec.json.encode(ordered), indent=1) + b"\n"


def name_target(name: str, version: str, digest: str) -> str:
    """What the archive of a pack is called."""
    return "-".join(part for part in (name, version, digest[:12]) if part) + ".tar.zst"
