"""What a Java archive says it holds: pom.properties and manifests, also of archives inside it. An archive is hostile:
its table of contents is measured before it is read, and every part is read only up to a limit.
"""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

MOST_BYTES = 512 << 20  # of an archive on the disk
MOST_NAMES = 100_000
MOST_TABLE = 32 << 20  # bytes of its table of contents
MOST_TEXT = 64 << 10  # bytes of a manifest
MOST_INNER = 64 << 20  # bytes of an archive inside
MOST_INSIDE = 512
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


def read_archive(descriptor: int, titles: dict[str, str]) -> list[JavaPart]:
    """The artifacts of an open archive, itself included; `titles` are those manifests give, with the artifact's name.
    Raises BadArchive.
    """
    try:
        if os.fstat(descriptor).st_size > MOST_BYTES:
            raise BadArchive(f"larger than {MOST_BYTES >> 20} MiB")
        with open(descriptor, "rb", closefd=False) as file:
            return list(dict.fromkeys(_read_parts(file, titles, inner=False)))
    except _BROKEN as error:
        raise BadArchive(f"not a sound archive: {type(error).__name__}") from None


def _read_parts(file: IO[bytes], titles: dict[str, str], *, inner: bool) -> Iterator[JavaPart]:
    _measure(file)
    inside = 0
    with zipfile.ZipFile(file) as archive:
        found = []
        for item in archive.infolist():
            name = item.filename
            if name.startswith("META-INF/maven/") and name.endswith("/pom.properties"):
                found += _read_properties(_read_start(archive, item, MOST_TEXT))
            elif name.endswith(ENDINGS) and not inner:
                inside += 1
                if inside > MOST_INSIDE:
                    raise BadArchive(f"more than {MOST_INSIDE} archives inside")
                yield from _read_inner(archive, item, titles)
        if not found and "META-INF/MANIFEST.MF" in archive.namelist():
            text = _read_start(archive, archive.getinfo("META-INF/MANIFEST.MF"), MOST_TEXT)
            found = _read_manifest(text, titles)
        yield from found


def _read_inner(archive: zipfile.ZipFile, item: zipfile.ZipInfo, titles: dict[str, str]) -> Iterator[JavaPart]:
    """An archive inside is held in memory; one that is broken costs only itself."""
    if item.file_size > MOST_INNER:
        return
    try:
        yield from _read_parts(io.BytesIO(_read_start(archive, item, MOST_INNER)), titles, inner=True)
    except (*_BROKEN, BadArchive):
        return


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
