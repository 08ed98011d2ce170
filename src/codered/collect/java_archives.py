"""What a Java archive says it holds: pom.properties and manifests, also of archives inside it. An archive is hostile:
its table of contents is measured before it is read, and every part is read only up to a limit.
"""

import io
import os
import struct
import zipfile
import zlib
from typing import IO, NamedTuple

MOST_BYTES = 512 << 20  # of an archive on the disk
MOST_NAMES = 100_000
MOST_TABLE = 32 << 20  # bytes of its table of contents
MOST_TEXT = 64 << 10  # bytes of a manifest
MOST_INNER = 64 << 20  # bytes of an archive inside
MOST_UNPACKED = 1 << 30  # bytes of all archives inside together
MOST_INSIDE = 4096
MOST_DEEP = 3  # ear, war, jar, and what a jar holds
MOST_MISSED = 20
ENDINGS = (".jar", ".war", ".ear")
_END, _END64 = b"PK\5\6", b"PK\6\7"
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, KeyError, RuntimeError,
    NotImplementedError,
)  # fmt: skip


class BadArchive(Exception):
    """An archive that can't be read; the message says why in a few words."""


class JavaPart(NamedTuple):
    """An artifact: `group:name` and its version, as its own manifest has them."""

    name: str
    version: str


class JavaSeen(NamedTuple):
    """The artifacts of an archive, and what inside it was not read ("lib/x.jar: why")."""

    parts: tuple[JavaPart, ...]
    missed: tuple[str, ...]


def read_archive(descriptor: int, titles: dict[str, str]) -> JavaSeen:
    """The artifacts of an open archive, itself included; `titles` are those manifests give, with the artifact's name.
    Raises BadArchive.
    """
    reading = _Reading(titles)
    try:
        if os.fstat(descriptor).st_size > MOST_BYTES:
            raise BadArchive(f"larger than {MOST_BYTES >> 20} MiB")
        with open(descriptor, "rb", closefd=False) as file:
            reading.read(file, ())
    except _BROKEN as error:
        raise BadArchive(f"not a sound archive: {type(error).__name__}") from None
    return JavaSeen(tuple(reading.parts), tuple(reading.missed))


class _Reading:
    """One archive with all that is inside it: however deep, they share one budget."""

    def __init__(self, titles: dict[str, str]) -> None:
        self.parts: dict[JavaPart, None] = {}
        self.missed: list[str] = []
        self._titles = titles
        self._bytes = MOST_UNPACKED
        self._archives = MOST_INSIDE

    def read(self, file: IO[bytes], within: tuple[str, ...]) -> None:
        """`within` names the archives around this one. Raises BadArchive, and whatever is in _BROKEN."""
        _measure(file)
        found: list[JavaPart] = []
        manifest = None
        with zipfile.ZipFile(file) as archive:
            for item in archive.infolist():
                name = item.filename
                if name.startswith("META-INF/maven/") and name.endswith("/pom.properties"):
                    found += _read_properties(self._read_text(archive, item, within))
                elif name.lower().endswith(ENDINGS) and not item.is_dir():
                    self._go_into(archive, item, within)
                elif name == "META-INF/MANIFEST.MF":
                    manifest = item
            if not found and manifest:
                found = _read_manifest(self._read_text(archive, manifest, within), self._titles)
        self.parts.update(dict.fromkeys(found))

    def _go_into(self, archive: zipfile.ZipFile, item: zipfile.ZipInfo, within: tuple[str, ...]) -> None:
        """An archive inside is held in memory; one that is broken costs only itself."""
        inside = (*within, item.filename)
        self._archives -= 1
        if why := self._refuse(item, inside):
            self._miss(inside, why)
            return
        self._bytes -= item.file_size
        try:
            self.read(io.BytesIO(_read_start(archive, item, MOST_INNER)), inside)
        except BadArchive as error:
            self._miss(inside, str(error))
        except _BROKEN as error:
            self._miss(inside, f"not a sound archive: {type(error).__name__}")

    def _refuse(self, item: zipfile.ZipInfo, inside: tuple[str, ...]) -> str:
        if len(inside) > MOST_DEEP:
            return f"more than {MOST_DEEP} archives around it"
        if item.file_size > MOST_INNER:
            return f"larger than {MOST_INNER >> 20} MiB"
        if self._archives < 0 or item.file_size > self._bytes:
            return f"more than {MOST_INSIDE:,} archives or {MOST_UNPACKED >> 20} MiB inside"
        return ""

    def _read_text(self, archive: zipfile.ZipFile, item: zipfile.ZipInfo, within: tuple[str, ...]) -> bytes:
        try:
            return _read_start(archive, item, MOST_TEXT)
        except _BROKEN as error:
            self._miss((*within, item.filename), f"can't be read: {type(error).__name__}")
            return b""

    def _miss(self, inside: tuple[str, ...], why: str) -> None:
        if len(self.missed) < MOST_MISSED:
            self.missed.append(f"{ascii('!'.join(inside))[1:-1][-200:]}: {why}")


def _read_start(archive: zipfile.ZipFile, item: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(item) as file:
        return file.read(most)


def _measure(file: IO[bytes]) -> None:
    """Raises BadArchive if the table of contents is larger than any sound archive's."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 22))
    tail = file.read()
    end = tail.rfind(_END)
    if end < 0 or len(tail) - end < 22:
        raise BadArchive("not an archive")
    if _END64 in tail:
        raise BadArchive("an archive of more than 4 GiB or 65,535 names")
    names, table = struct.unpack_from("<HI", tail, end + 10)
    if names > MOST_NAMES or table > MOST_TABLE:
        raise BadArchive("its table of contents is too large")
    file.seek(0)


def _read_properties(text: bytes) -> list[JavaPart]:
    fields = dict(line.split(b"=", 1) for line in text.splitlines() if b"=" in line and not line.startswith(b"#"))
    group, name, version = (_clean(fields.get(key, b"")) for key in (b"groupId", b"artifactId", b"version"))
    return [JavaPart(f"{group}:{name}", version)] if group and name and version else []


def _read_manifest(text: bytes, titles: dict[str, str]) -> list[JavaPart]:
    fields = dict(line.split(b":", 1) for line in text.splitlines() if b":" in line and not line.startswith(b" "))
    title, version = (_clean(fields.get(key, b"")) for key in (b"Implementation-Title", b"Implementation-Version"))
    return [JavaPart(titles[title], version)] if title in titles and version else []


def _clean(value: bytes) -> str:
    return value[:200].strip().decode(errors="backslashreplace")
