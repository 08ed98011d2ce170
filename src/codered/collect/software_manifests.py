"""Software that no package manager brought, by its own manifests: text that is read, never run. All of it is hostile:
no link is followed, sizes and numbers are capped, and what can't be read is said.
"""

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from typing import Literal, NamedTuple

import msgspec

from codered.collect.java_archives import ENDINGS, BadArchive, read_archive
from codered.collect.links import OUTSIDE
from codered.collect.walking import Unwalked, walk
from codered.model.patches import Ecosystem, InstalledComponent, SoftwareGap
from codered.model.paths import path_from_bytes
from codered.model.target import Target

MOST_FOLDERS = 300_000
MOST_MANIFESTS = 50_000
MOST_BYTES = 16 << 20  # of a manifest in JSON; of a text only the start is read
MOST_PARTS = 20_000  # of one manifest
_MOST_TEXT = 64 << 10
_VERSION = re.compile(rb"[\s'\"=>(]{0,8}([0-9][0-9A-Za-z.+~_-]{0,63})")
_PACKAGE_JSON = re.compile(rb"(?:^|/)node_modules/(@[^/]+/[^/]+|[^/@][^/]*)/package\.json\Z")
_COMPOSER = (b"composer.lock", b"composer/installed.json")

OwnerOf = Callable[[bytes], str]


class TextManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file whose path ends so, in which the version stands behind one of these words."""

    ends: str
    ecosystem: Ecosystem
    name: str
    after: tuple[str, ...]


class ManifestTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where such software lies (paths below the root), and how its manifests are read. `java_titles`: what a Java
    manifest calls it -> group:artifact. Nothing runs from `caches`, the folders of build tools with these names.
    """

    places: tuple[str, ...]
    caches: tuple[str, ...]
    texts: tuple[TextManifest, ...]
    java_titles: dict[str, str]


class SoftwareSeen(NamedTuple):
    """What was found, how many manifests were read, what could not be looked at, and the first of each kind of that."""

    components: tuple[InstalledComponent, ...]
    manifests: int
    unread: tuple[Unwalked, ...]
    gaps: tuple[SoftwareGap, ...] = ()


class _Part(msgspec.Struct):
    name: str = ""
    version: str = ""


class _Composer(msgspec.Struct):
    packages: list[_Part] = []


class _OutOfBounds(Exception):
    """There is more than is worth reading."""


@cache
def read_manifest_table() -> ManifestTable:
    """The table in software_manifests.json."""
    raw = resources.files("codered.collect").joinpath("software_manifests.json").read_bytes()
    return msgspec.json.decode(raw, type=ManifestTable)


def find_components(target: Target, more: tuple[bytes, ...], owner_of: OwnerOf) -> SoftwareSeen:
    """The components below the usual places and `more` (both below the root)."""
    return _Search(target, owner_of).run(more)


class _Search:
    def __init__(self, target: Target, owner_of: OwnerOf) -> None:
        self._target = target
        self._owner_of = owner_of
        self._table = read_manifest_table()
        self._by_name: dict[bytes, list[TextManifest]] = {}
        for text in self._table.texts:
            self._by_name.setdefault(os.fsencode(text.ends.rpartition("/")[2]), []).append(text)
        self._caches = frozenset(map(os.fsencode, self._table.caches))
        self._found: dict[InstalledComponent, None] = {}
        self._manifests = 0
        self._unread: list[Unwalked] = []
        self._gaps: dict[str, SoftwareGap] = {}

    def run(self, more: tuple[bytes, ...]) -> SoftwareSeen:
        known = (*(os.fsencode(place) for place in self._table.places), *more)
        starts = tuple(dict.fromkeys(rel for rel in known if os.path.isdir(self._target.absolute(rel))))
        try:
            for rel in self._walk(starts):
                self._look_at(rel)
        except _OutOfBounds as error:
            self._miss(b"", str(error))
        return SoftwareSeen(tuple(self._found), self._manifests, tuple(self._unread), tuple(self._gaps.values()))

    def _walk(self, starts: tuple[bytes, ...]) -> Iterator[bytes]:
        """The files that may be manifests."""
        folders = 0
        for item in walk(self._target, starts):
            if isinstance(item, Unwalked):
                if item.state == "failed" and item.why == OUTSIDE:  # ordinary trees are full of such links
                    self._miss(item.rel, item.why, self._guess_ecosystem(item.rel) or None)
                elif item.state == "failed":
                    self._miss(item.rel, item.why)
                continue
            folders += 1
            if not self._caches.isdisjoint(item.rel.split(b"/")):
                continue
            if folders > MOST_FOLDERS:
                raise _OutOfBounds(f"more than {MOST_FOLDERS:,} folders: software in the rest was not looked for")
            for name in item.files:
                if name in self._by_name or name in _NAMES or name.endswith(_JAVA):
                    yield item.rel + b"/" + name if item.rel else name

    def _look_at(self, rel: bytes) -> None:
        kind = self._choose(rel)
        if kind is None:
            return
        self._manifests += 1
        if self._manifests > MOST_MANIFESTS:
            raise _OutOfBounds(f"more than {MOST_MANIFESTS:,} manifests: the rest was not read")
        try:
            descriptor = self._target.open_file(rel)
        except OSError as error:
            self._miss(rel, error.strerror or "", self._guess_ecosystem(rel))
            return
        try:
            for ecosystem, name, version in kind(descriptor):
                self._add(rel, ecosystem, name, version)
        except OSError as error:
            self._miss(rel, error.strerror or "", self._guess_ecosystem(rel))
        except (BadArchive, msgspec.DecodeError, UnicodeDecodeError, RecursionError, _OutOfBounds) as error:
            why = str(error) if isinstance(error, BadArchive | _OutOfBounds) else "no sound JSON"
            self._miss(rel, why, self._guess_ecosystem(rel))
        finally:
            os.close(descriptor)

    def _choose(self, rel: bytes) -> "Callable[[int], Iterator[_Named]] | None":
        """How this file is read; None if it is no manifest."""
        if rel.endswith(_JAVA):
            return lambda descriptor: self._read_java(rel, descriptor)
        if rel.endswith(_COMPOSER):
            return _read_composer
        if _PACKAGE_JSON.search(rel):
            return _read_npm
        if rel.endswith(b".dist-info/METADATA"):
            return _read_python
        for text in self._by_name.get(rel.rpartition(b"/")[2], ()):
            if rel.endswith(b"/" + os.fsencode(text.ends)):
                return lambda descriptor: _read_text(descriptor, text)
        return None

    def _guess_ecosystem(self, rel: bytes) -> Ecosystem | Literal[""]:
        """Whose manifest it is, as far as its name tells."""
        name = rel.rpartition(b"/")[2]
        if name.endswith(_JAVA):
            return "Maven"
        if rel.endswith(_COMPOSER):
            return "Packagist"
        if name in (b"package.json", b"METADATA"):
            return "npm" if name == b"package.json" else "PyPI"
        texts = (text for text in self._by_name.get(name, ()) if rel.endswith(b"/" + os.fsencode(text.ends)))
        text = next(texts, None)
        return text.ecosystem if text else ""

    def _read_java(self, rel: bytes, descriptor: int) -> "Iterator[_Named]":
        seen = read_archive(descriptor, self._table.java_titles)
        for why in seen.missed:
            self._miss(rel, f"inside it {why}", "Maven")
        for part in seen.parts:
            yield "Maven", part.name, part.version

    def _add(self, rel: bytes, ecosystem: Ecosystem, name: str, version: str) -> None:
        name, version = (word.encode(errors="backslashreplace").decode()[:200] for word in (name, version))
        if name and version:
            path = path_from_bytes(self._target.absolute(rel))
            self._found[InstalledComponent(ecosystem, name, version, path, self._owner_of(rel))] = None

    def _miss(self, rel: bytes, why: str, of: Ecosystem | Literal[""] | None = "") -> None:
        """`of` None: nothing by its name speaks for a manifest there."""
        self._unread.append(Unwalked(rel, "failed", why))
        if of is None:
            return
        where = path_from_bytes(self._target.absolute(rel)).text if rel else ""
        self._gaps.setdefault(of, SoftwareGap(of, where, why))


_Named = tuple[Ecosystem, str, str]
_NAMES = frozenset((b"METADATA", b"package.json", b"composer.lock", b"installed.json"))
_JAVA = tuple(os.fsencode(ending) for ending in ENDINGS)


def find_version(data: bytes, words: tuple[str, ...]) -> str:
    """The version that stands right behind the first of these words; "" if none does."""
    for word in words:
        at = data.find(word.encode())
        found = _VERSION.match(data, at + len(word)) if at >= 0 else None
        if found:
            return found[1].decode()
    return ""


def _read_text(descriptor: int, manifest: TextManifest) -> Iterator[_Named]:
    version = find_version(os.pread(descriptor, _MOST_TEXT, 0), manifest.after)
    if version:
        yield manifest.ecosystem, manifest.name, version


def _read_python(descriptor: int) -> Iterator[_Named]:
    head = os.pread(descriptor, _MOST_TEXT, 0).partition(b"\n\n")[0]
    fields = dict(line.split(b": ", 1) for line in head.splitlines() if b": " in line)
    name, version = (fields.get(key, b"").decode(errors="backslashreplace") for key in (b"Name", b"Version"))
    yield "PyPI", name.lower().replace("_", "-"), version


def _read_npm(descriptor: int) -> Iterator[_Named]:
    part = msgspec.json.decode(_read_whole(descriptor), type=_Part)
    yield "npm", part.name, part.version


def _read_composer(descriptor: int) -> Iterator[_Named]:
    """composer.lock, and installed.json of version 2 (an object) and of version 1 (a list)."""
    raw = _read_whole(descriptor)
    parts = msgspec.json.decode(raw, type=list[_Part] | _Composer)
    listed = parts.packages if isinstance(parts, _Composer) else parts
    if len(listed) > MOST_PARTS:
        raise _OutOfBounds(f"more than {MOST_PARTS:,} parts")
    for part in listed:
        yield "Packagist", part.name, part.version.removeprefix("v")


def _read_whole(descriptor: int) -> bytes:
    pieces, size = [], 0
    while piece := os.read(descriptor, 1 << 20):
        size += len(piece)
        if size > MOST_BYTES:
            raise _OutOfBounds(f"larger than {MOST_BYTES >> 20} MiB")
        pieces.append(piece)
    return b"".join(pieces)
