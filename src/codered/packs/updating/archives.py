"""The files of a pack as one archive (.tar.zst), and back. Only the one form that we write is read: plain files with
canonical headers, so that nothing about an archive can be understood in two ways.
"""

import io
import tarfile
from collections.abc import Mapping

import zstandard

from codered.model.errors import Refused, WrongUse
from codered.packs.loading import MOST_FILES, MOST_FOLDERS, MOST_PACK_BYTES

BLOCK = 512
MOST_TAR_BYTES = MOST_PACK_BYTES + MOST_FILES * 2 * BLOCK + 20 * BLOCK
MOST_ARCHIVE_BYTES = MOST_TAR_BYTES  # packed it is never larger worth speaking of
_LEVEL = 19
_MOST_WINDOW = 16 << 20
_FORBIDDEN = set('\\:*?"<>|')


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """The files by their relative names as an archive; the same files give the same tar. Raises WrongUse for a name
    that doesn't fit in.
    """
    for name in files:
        if fault := explain_name(name):
            raise WrongUse(f"{fault}: {name!r}", advice="rename the file")
    try:
        return zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True).compress(_write_tar(files))
    except ValueError:
        raise WrongUse("a name too long for an archive", advice="pack paths have at most 100 bytes") from None


def read_archive(data: bytes, where: str) -> dict[str, bytes]:
    """The files of an archive. Raises Refused for anything that is not exactly as `write_archive` writes it."""
    tar = _unpack(data, where)
    files: dict[str, bytes] = {}
    offset = 0
    while tar[offset : offset + BLOCK].strip(b"\0"):
        name, size = _read_header(tar[offset : offset + BLOCK], where)
        if fault := explain_name(name):
            raise _refuse(f"holds {fault}", where)
        if name in files or len(files) >= MOST_FILES:
            raise _refuse("holds a name twice, or too many files", where)
        files[name] = tar[offset + BLOCK : offset + BLOCK + size]
        offset += BLOCK + (size + BLOCK - 1) // BLOCK * BLOCK
    try:
        canonical = _write_tar(files) == tar
    except ValueError:
        canonical = False
    if not canonical:  # links, devices, owners, dates, a cut end, something behind the end
        raise _refuse("is not the archive of plain files that it must be", where)
    _check_together(files, where)
    return files


def explain_name(name: str) -> str:
    """Why a file of a pack can't have this name; "" if it can."""
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return "a name that leads elsewhere"
    if not name.isprintable() or set(name) & _FORBIDDEN or any(part != part.rstrip(". ") for part in parts):
        return "a name that not every system can have"
    return "folders too deep inside one another" if len(parts) > MOST_FOLDERS + 2 else ""


def _write_tar(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT, encoding="utf-8") as tar:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _unpack(data: bytes, where: str) -> bytes:
    try:
        size = zstandard.get_frame_parameters(data).content_size
        if not 0 < size <= MOST_TAR_BYTES:
            raise _refuse("is larger than a pack may be, or doesn't say how large", where)
        unpacker = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW)
        return unpacker.decompress(data, max_output_size=size, allow_extra_data=False)
    except zstandard.ZstdError:
        raise _refuse("can't be unpacked", where) from None


def _read_header(header: bytes, where: str) -> tuple[str, int]:
    """Name and size of an entry; what else a header says is compared as a whole afterwards."""
    try:
        name, prefix = (part.rstrip(b"\0").decode() for part in (header[:100], header[345:500]))
        size = int(header[124:136].rstrip(b"\0 ") or b"x", 8)
    except ValueError:
        raise _refuse("has an entry that can't be read", where) from None
    if not 0 <= size <= MOST_PACK_BYTES:
        raise _refuse("holds a file larger than a pack may be", where)
    return (f"{prefix}/{name}" if prefix else name), size


def _check_together(files: Mapping[str, bytes], where: str) -> None:
    if sum(map(len, files.values())) > MOST_PACK_BYTES:
        raise _refuse("is larger than a pack may be", where)
    folders = {name.rsplit("/", depth)[0] for name in files for depth in range(1, name.count("/") + 1)}
    if folders & set(files) or len({name.casefold() for name in files}) < len(files):
        raise _refuse("holds two names that exclude one another", where)


def _refuse(what: str, where: str) -> Refused:
    return Refused(what, where=where, advice="nothing was changed; tell the publisher")
