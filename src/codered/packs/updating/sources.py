"""The sources of packs that this host trusts. With none nothing is ever contacted."""

import hashlib
import re
import shutil
import urllib.parse
from pathlib import Path
from typing import Literal

import msgspec
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from codered.model.errors import RolledBack, WrongUse
from codered.packs.strict_yaml import read_bytes, shorten, show_path
from codered.packs.updating.client import Trusted
from codered.packs.updating.current import find_fault_of_owner
from codered.packs.updating.fetching import is_url
from codered.packs.updating.writing import hold_lock, replace_file
from codered.system.private_files import make_private_folder

SOURCES_FILE = "sources.json"
SOURCES_FOLDER = "sources"
LOCK_FILE = "lock"
MOST_ROOT_BYTES = 64 << 10
MOST_SOURCES = 50
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_ADVICE = "give the root.json that the publisher gave you"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A repository: its place (URL or absolute folder), the SHA-256 of the root it was added with, and whether what it
    has may stand in for packs and heuristics of the same name that the tool ships.
    """

    name: str
    place: str
    root_sha256: str
    may_replace: bool = False


class _SourcesFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal[1] = 1
    sources: tuple[Source, ...] = ()


def list_sources(home: Path) -> tuple[Source, ...]:
    """The configured sources in the order they were added. Raises WrongUse."""
    path = home / SOURCES_FILE
    if not path.exists():
        return ()
    if fault := find_fault_of_owner(path):
        raise fault
    try:
        return msgspec.json.decode(read_bytes(path), type=_SourcesFile).sources
    except msgspec.MsgspecError:
        advice = "remove it and add the sources again"
        raise WrongUse("the list of sources can't be read", where=str(path), advice=advice) from None


def add_source(home: Path, name: str, place: str, root: Path, *, may_replace: bool = False) -> Source:
    """Trust a source from now on, by its root.json. Raises WrongUse, RolledBack."""
    if not _NAME.fullmatch(name):
        raise WrongUse(f"`{shorten(name)}` can't be a name", advice="use a-z, 0-9 and -, at most 32 characters")
    data = read_bytes(root, MOST_ROOT_BYTES)
    check_root(data, show_path(root))
    sha256 = hashlib.sha256(data).hexdigest()
    source = Source(name=name, place=check_place(place), root_sha256=sha256, may_replace=may_replace)
    try:
        make_private_folder(home / SOURCES_FOLDER / name)
        with hold_lock(home / LOCK_FILE, "update"):
            there = list_sources(home)
            if any(each.name == name for each in there) or len(there) >= MOST_SOURCES:
                advice = f"codered packs sources remove {name}, or choose another name"
                raise WrongUse(f"there is a source `{name}` already, or there are too many", advice=advice)
            _forget(home, name)
            make_private_folder(home / SOURCES_FOLDER / name)
            replace_file(home / SOURCES_FOLDER / name / "root.json", data)
            _write(home, (*there, source))
    except OSError as error:
        raise RolledBack(f"can't be written: {error.strerror}", where=str(home), advice="make room") from None
    return source


def remove_source(home: Path, name: str) -> None:
    """Trust it no more, and forget what was seen of it. Raises WrongUse, RolledBack."""
    there = list_sources(home)
    if all(each.name != name for each in there):
        known = ", ".join(each.name for each in there) or "none"
        raise WrongUse(f"there is no source `{shorten(name)}`", advice=f"the sources are: {known}")
    try:
        with hold_lock(home / LOCK_FILE, "update"):
            _write(home, tuple(each for each in list_sources(home) if each.name != name))
            _forget(home, name)
    except OSError as error:
        raise RolledBack(f"can't be written: {error.strerror}", where=str(home), advice="make room") from None


def read_trusted(home: Path, source: Source) -> Trusted:
    """What a source is verified by. Raises WrongUse if its root is not the one that was added."""
    folder = home / SOURCES_FOLDER / source.name
    path = folder / "root.json"
    if path.exists() and (fault := find_fault_of_owner(path)):
        raise fault
    data = read_bytes(path, MOST_ROOT_BYTES)
    if hashlib.sha256(data).hexdigest() != source.root_sha256:
        advice = f"remove the source {source.name} and add it again"
        raise WrongUse("is not the root that was added", where=str(path), advice=advice)
    return Trusted(source.name, data, folder / "metadata")


def check_root(data: bytes, where: str) -> Root:
    """The root in these bytes, signed by itself. Raises WrongUse."""
    try:
        metadata = Metadata[Root].from_bytes(data)
        if not isinstance(metadata.signed, Root):
            raise WrongUse("is other metadata than a root", where=where, advice=_ADVICE)
        metadata.signed.verify_delegate("root", metadata.signed_bytes, metadata.signatures)
    except RepositoryError:
        raise WrongUse(
            "is no root of a repository, or not signed by its own keys", where=where, advice=_ADVICE
        ) from None
    return metadata.signed


def check_place(place: str) -> str:
    """A place as it is kept: a plain http(s) address, or the absolute path of a folder. Raises WrongUse."""
    if not is_url(place):
        if "://" in place:
            raise WrongUse(
                "only http, https and folders can be sources", where=shorten(place), advice="use one of these"
            )
        folder = Path(place).absolute()
        if not (folder / "metadata").is_dir():
            advice = "name the folder that `packs publish` wrote, with metadata/ and targets/"
            raise WrongUse("is no repository", where=show_path(folder), advice=advice)
        return str(folder)
    advice = "write it as https://host/folder"
    try:
        parts = urllib.parse.urlsplit(place)
        good = bool(parts.hostname) and not (parts.username or parts.password or parts.query or parts.fragment)
        _ = parts.port
    except ValueError:
        good = False
    if not good or not place.isascii() or not place.isprintable() or " " in place:
        raise WrongUse("is no plain address", where=shorten(place), advice=advice)
    return place


def _write(home: Path, sources: tuple[Source, ...]) -> None:
    data = msgspec.json.encode(_SourcesFile(sources=sources))
    replace_file(home / SOURCES_FILE, msgspec.json.format(data, indent=1) + b"\n")


def _forget(home: Path, name: str) -> None:
    shutil.rmtree(home / SOURCES_FOLDER / name, ignore_errors=True)
