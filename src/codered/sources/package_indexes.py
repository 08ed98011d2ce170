"""Which package has which hash, by indexes that a repository signed: a Release whose signature verifies names the
hashes of the indexes, and an index names those of the packages. What is not hung on that chain is not believed.

No date is checked: the very version that is installed is wanted, however old. Files are laid out as in
/var/lib/apt/lists, or plainly as `InRelease` and `Packages`.
"""

import bz2
import gzip
import hashlib
import io
import lzma
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from codered.model.known_good import PackageRecord
from codered.sources.folders import PIECE, Folder, TooMuch, read_at_most
from codered.sources.kept_files import KeptFiles
from codered.sources.keyrings import Keyrings, NotSigned, check_signature
from codered.sources.programs import ProgramFailed, pour

_MOST_RELEASE = 32 << 20
_MOST_INDEX = 256 << 20
_HELPER = "/usr/lib/apt/apt-helper"
_LINE = re.compile(r"^ ([0-9a-f]{64}) +([0-9]{1,15}) +(\S+)$", re.MULTILINE)
_FIELDS = re.compile(rb"^(Package|Version|Architecture|SHA256|Size): ?(\S+)[^\n]*$", re.MULTILINE)
_LABEL = re.compile(r"^(Origin|Codename|Suite): ([^\n]{1,80})$", re.MULTILINE)


class Release(NamedTuple):
    """A signed Release: what its files' names begin with, what it calls itself, its hashes by path, and who signed."""

    prefix: str
    called: str
    hashes: dict[str, str]
    keys: tuple[str, ...]


class Entry(NamedTuple):
    """What a signed index says of one package."""

    sha256: str
    size: int
    release: Release


class PackageIndexes:
    """The indexes in one folder. Nothing is read before the first question; `problems` are what could not be used."""

    def __init__(self, folder: Folder, keyrings: Keyrings, work: KeptFiles) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self._keyrings = keyrings
        self._work = work
        self._known: dict[tuple[bytes, bytes, bytes], list[Entry]] | None = None

    def find(self, package: PackageRecord) -> list[Entry]:
        """What signed indexes say of this very version. Raises WrongUse, OSError if there is no room to work in."""
        if self._known is None:
            self._known = {}
            for release in self._read_releases():
                for name in self._indexes_of(release):
                    self._read_index(name, release, self._known)
        wanted = (package.name.encode(), package.version.encode(), (package.architecture or "all").encode())
        return self._known.get(wanted, [])

    def _read_releases(self) -> Iterator[Release]:
        names = self.folder.names()
        for name in names:
            prefix, kind = _split_release(name)
            if not kind or (kind == "Release" and prefix + "InRelease" in names):
                continue
            try:
                body = self._read(name, _MOST_RELEASE)
                apart = self._read(name + ".gpg", _MOST_RELEASE) if kind == "Release" else None
                with self._work.scratch_folder() as folder:
                    signed = check_signature(body, apart, self._keyrings.trusted_for(prefix), Path(folder))
            except (NotSigned, TooMuch, OSError) as error:
                self._complain(name, error)
                continue
            yield _read_release(prefix, signed.body, signed.keys)

    def _indexes_of(self, release: Release) -> Iterator[str]:
        flat = {path.replace("/", "_") for path in release.hashes}
        for name in self.folder.names():
            rest = name.removeprefix(release.prefix)
            plain = _plain_name(rest)
            if name.startswith(release.prefix) and plain.rpartition("_")[2] == "Packages" and {plain, rest} & flat:
                yield name

    def _read_index(self, name: str, release: Release, known: dict[tuple[bytes, bytes, bytes], list[Entry]]) -> None:
        rest = name.removeprefix(release.prefix)
        flat = {path.replace("/", "_"): digest for path, digest in release.hashes.items()}
        try:
            raw = self._read(name, _MOST_INDEX)
            whole = hashlib.sha256(raw).hexdigest() == flat.get(rest)
            body = self._unpack(raw, name)
        except (ProgramFailed, TooMuch, OSError, lzma.LZMAError, zlib.error, EOFError) as error:
            self._complain(name, error)
            return
        if not whole and hashlib.sha256(body).hexdigest() != flat.get(_plain_name(rest)):
            self.problems.append(f"{self._shown(name)}: its SHA-256 is not the one that the signed Release has")
            return
        for stanza in body.split(b"\n\n"):
            fields = dict(_FIELDS.findall(stanza))
            digest = fields.get(b"SHA256", b"").decode(errors="replace").lower()
            if re.fullmatch("[0-9a-f]{64}", digest):
                key = (fields.get(b"Package", b""), fields.get(b"Version", b""), fields.get(b"Architecture", b""))
                size = fields.get(b"Size", b"")
                known.setdefault(key, []).append(Entry(digest, int(size) if size[:15].isdigit() else 0, release))

    def _unpack(self, raw: bytes, name: str) -> bytes:
        """Raises ProgramFailed, TooMuch, OSError, EOFError, LZMAError, zlib.error."""
        match name.rpartition(".")[2]:
            case "xz":
                return _read_stream(lzma.open(io.BytesIO(raw)))
            case "gz":
                return _read_stream(gzip.open(io.BytesIO(raw)))
            case "bz2":
                return _read_stream(bz2.open(io.BytesIO(raw)))
            case "lz4" | "zst" as ending:
                with self._work.scratch_folder() as folder, self._work.scratch() as out:
                    copy = Path(folder) / f"index.{ending}"
                    copy.write_bytes(raw)
                    pour([_HELPER, "cat-file", str(copy)], None, out, _MOST_INDEX)
                    out.seek(0)
                    return out.read()
        return raw

    def _read(self, name: str, most: int) -> bytes:
        with self.folder.file(name) as descriptor:
            return read_at_most(descriptor, most, self._shown(name))

    def _complain(self, name: str, error: Exception) -> None:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self.problems.append(f"{self._shown(name)}: {why}")

    def _shown(self, name: str) -> str:
        return ascii(f"{self.folder.shown}/{name}")[1:-1]


def _split_release(name: str) -> tuple[str, str]:
    """What the names of a repository's files begin with, and the kind of its Release; two "" if it is none."""
    prefix, _, kind = name.rpartition("_")
    return (prefix + "_" if prefix else "", kind) if kind in ("InRelease", "Release") else ("", "")


def _plain_name(name: str) -> str:
    stem, _, ending = name.rpartition(".")
    return stem if ending in ("xz", "gz", "bz2", "lz4", "zst") else name


def _read_release(prefix: str, body: bytes, keys: tuple[str, ...]) -> Release:
    text = body.decode(errors="replace")
    labels = dict(_LABEL.findall(text))
    called = " ".join(labels[key] for key in ("Origin", "Codename") if key in labels) or "an unnamed repository"
    section = text.partition("\nSHA256:")[2]
    end = re.search(r"\n(?! )", section.rstrip("\n"))
    hashes = {path: digest for digest, _, path in _LINE.findall(section[: end.start()] if end else section)}
    return Release(prefix, called, hashes, keys)


def _read_stream(stream: IO[bytes] | gzip.GzipFile) -> bytes:
    pieces, size = [], 0
    with stream:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > _MOST_INDEX:
                raise TooMuch(f"unpacked it has more than {_MOST_INDEX:,} bytes")
            pieces.append(piece)
    return b"".join(pieces)
