"""Judging a file by where it lies, what it is called and how large it is, before a byte of it is read."""

import fnmatch
import os
import re
from collections.abc import Callable

import msgspec

from codered.model.indicators import FileIndicator
from codered.model.pack import LoadedPack

Canonical = Callable[[str], str]


class PlaceHit(msgspec.Struct, frozen=True):
    """A file indicator whose place, name or size fits; it may still ask for content (`sha256`, `content`)."""

    pack: str
    indicator: FileIndicator


class _Entry(msgspec.Struct, frozen=True):
    hit: PlaceHit
    paths: tuple[re.Pattern[str], ...]
    excepted: tuple[re.Pattern[str], ...]
    names: tuple[re.Pattern[str], ...]


class Places:
    """The file indicators of all packs, indexed by lower-case base name. `canonical` brings a Windows path into the
    form that two names of one file share.
    """

    def __init__(self, packs: tuple[LoadedPack, ...], canonical: Canonical) -> None:
        self._canonical = canonical
        self._exact: dict[str, list[_Entry]] = {}
        self._patterns: list[tuple[re.Pattern[str], _Entry]] = []
        self._whole_folders: dict[str, list[_Entry]] = {}  # by the folder's name: every file in it fits
        self._sizes: dict[int, list[PlaceHit]] = {}
        for loaded in packs:
            for indicator in loaded.pack.files:
                self._add(PlaceHit(loaded.pack.name, indicator))
        patterns = "|".join(f"(?:{pattern.pattern})" for pattern, _ in self._patterns) or r"(?!)"
        self._raw_pattern = re.compile(patterns.encode())
        self._raw_names = frozenset(map(os.fsencode, self._exact))
        self._raw_folders = frozenset(map(os.fsencode, self._whole_folders))

    def interests(self, name: bytes, folder: bytes) -> bool:
        """A cheap first look: can a file of this base name, in a folder of this base name, be of interest at all? Both
        in lower case, and as the kernel gives them: to decode every name of a system would cost more than the look.
        """
        if name in self._raw_names or folder in self._raw_folders or self._raw_pattern.match(name) is not None:
            return True
        if b":" in name and self.interests(name.partition(b":")[0], folder):  # a stream of a file
            return True
        return b"~" in name and self._canonical(os.fsdecode(name)) in self._exact

    def hits_by_size(self, size: int) -> list[PlaceHit]:
        """Indicators that know a file only by hash and size: its hash is worth the reading."""
        return self._sizes.get(size, [])

    def inspect(self, path: str, windows: bool, size: int | None) -> list[PlaceHit]:
        """The indicators that fit `path`, named as the examined system names it; `size` in bytes, None = a folder. A
        stream (`x.asp:hidden`) is judged by the place of its file, where that asks for content.
        """
        shown = self._canonical(path) if windows else path
        folder, _, name = shown.lower().rpartition("\\" if windows else "/")
        is_stream = windows and ":" in name
        if is_stream:
            name = name.partition(":")[0]
            shown = f"{shown[: len(folder)]}\\{name}"
        entries = [*self._exact.get(name, []), *(entry for pattern, entry in self._patterns if pattern.match(name))]
        entries += self._whole_folders.get(folder.rpartition("\\" if windows else "/")[2], [])
        return [
            entry.hit
            for entry in dict.fromkeys(entries)
            if _serves(entry.hit.indicator, windows) and _fits(entry, shown, name, size)
            if entry.hit.indicator.content or not is_stream
        ]

    def _add(self, hit: PlaceHit) -> None:
        indicator = hit.indicator
        if indicator.sha256 and not (indicator.paths or indicator.names):
            for size in indicator.sizes:
                self._sizes.setdefault(size, []).append(hit)
            return
        entry = _Entry(
            hit,
            tuple(self._compile(path) for path in indicator.paths),
            tuple(self._compile(path) for path in indicator.except_paths),
            tuple(_compile_name(name) for name in indicator.names),
        )
        for path in indicator.paths:
            split = self._canonical(path).split("\\") if "\\" in path else path.lower().split("/")
            if split[-1] == "*" and "*" not in split[-2]:
                self._whole_folders.setdefault(split[-2], []).append(entry)
            else:
                self._index(split[-1], entry)
        for name in indicator.names:
            self._index(name.lower(), entry)

    def _index(self, name: str, entry: _Entry) -> None:
        if "*" in name:
            self._patterns.append((_compile_name(name), entry))
        else:
            self._exact.setdefault(name, []).append(entry)

    def _compile(self, path: str) -> re.Pattern[str]:
        """`?:` any drive, `*` anything within one component; Windows paths in their canonical form."""
        windows = "\\" in path
        text = re.escape(self._canonical(path) if windows else path)
        inside = r"[^\\]*" if windows else "[^/]*"
        return re.compile(text.replace(r"\*", inside).replace(r"\?:", "[a-z]:"))


def _compile_name(name: str) -> re.Pattern[str]:
    """`*` stands for anything; `readme[1].eml` means just that. fnmatch's form of it needs no backtracking."""
    return re.compile(fnmatch.translate(re.sub(r"[\[?]", r"[\g<0>]", name.lower())))


def _serves(indicator: FileIndicator, windows: bool) -> bool:
    return indicator.platform == "any" or (indicator.platform == "windows") == windows


def _fits(entry: _Entry, shown: str, name: str, size: int | None) -> bool:
    indicator = entry.hit.indicator
    if (size is None) != (indicator.kind == "directory"):
        return False
    if indicator.sizes and size not in indicator.sizes:
        return False
    if any(pattern.fullmatch(shown) for pattern in entry.excepted):
        return False
    named = any(pattern.match(name) for pattern in entry.names)
    return named or any(pattern.fullmatch(shown) for pattern in entry.paths)
