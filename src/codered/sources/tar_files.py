"""One file out of a tar archive: named exactly, read by its place in the archive, never unpacked to where its name
says. What an archive holds besides regular files is passed over.
"""

import os
import tarfile
from typing import BinaryIO, NamedTuple

from codered.sources.folders import PIECE

MOST_MEMBERS = 2_000_000
MOST_HEADER = 16 << 20  # bytes of one header, long names and extended ones included
_MERGED = (b"bin", b"sbin", b"lib", b"lib32", b"lib64", b"libx32", b"libo32")


class DamagedArchive(Exception):
    """An archive that can't be read to its end, or means harm; the message says why in one line."""


class Member(NamedTuple):
    """A regular file in the archive: where its bytes are, and what the archive says of it."""

    offset: int
    size: int
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    xattrs: dict[str, bytes]


class Listing(NamedTuple):
    """The regular files of an archive by their path, without a leading "/" or "./"; `others` are paths of links and the
    like.
    """

    files: dict[bytes, Member]
    others: frozenset[bytes]


class _Bounded:
    """An archive for `tarfile` that does not read as much at once as a hostile header asks for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MOST_HEADER:
            raise DamagedArchive(f"a header of the archive asks for {size:,} bytes")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def list_members(file: BinaryIO) -> Listing:
    """The regular files of an uncompressed archive. A hard link is the file it leads to; of two of one name the last
    counts. Raises DamagedArchive, OSError.
    """
    files: dict[bytes, Member] = {}
    others: set[bytes] = set()
    file.seek(0)
    end = os.fstat(file.fileno()).st_size
    try:
        with tarfile.open(fileobj=_Bounded(file), mode="r:", errors="surrogateescape", encoding="utf-8") as archive:  # type: ignore[call-overload]
            for number, info in enumerate(archive):
                if number >= MOST_MEMBERS:
                    raise DamagedArchive(f"the archive has more than {MOST_MEMBERS:,} files")
                archive.members = []  # they are not needed twice
                _take(info, files, others, end)
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
        raise DamagedArchive(f"the archive is damaged: {ascii(str(error))[1:-1][:120]}") from None
    return Listing(files, frozenset(others))


def _take(info: tarfile.TarInfo, files: dict[bytes, Member], others: set[bytes], end: int) -> None:
    name = _plain(info.name)
    files.pop(name, None)
    others.discard(name)
    if info.islnk() and _plain(info.linkname) in files:
        files[name] = files[_plain(info.linkname)]
    elif info.isreg() and not info.issparse():
        if info.size < 0 or info.offset_data + info.size > end:
            raise DamagedArchive("the archive ends before a file of it does")
        xattrs = {
            key.removeprefix("SCHILY.xattr."): value.encode("utf-8", "surrogateescape")
            for key, value in info.pax_headers.items()
            if key.startswith("SCHILY.xattr.")
        }
        time = int(info.mtime) * 1_000_000_000
        files[name] = Member(info.offset_data, info.size, info.mode & 0o7777, info.uid, info.gid, time, xattrs)
    else:
        others.add(name)


def find_member(listing: Listing, rel: bytes) -> Member | None:
    """The regular file of this path, or of its other name where /bin and /usr/bin are one."""
    return next((listing.files[name] for name in other_names(rel) if name in listing.files), None)


def other_names(rel: bytes) -> tuple[bytes, ...]:
    """The path, and what it is called where /bin is a link to /usr/bin, or is none."""
    top, _, rest = rel.partition(b"/")
    if top in _MERGED and rest:
        return rel, b"usr/" + rel
    if top == b"usr" and rest.partition(b"/")[0] in _MERGED:
        return rel, rest
    return (rel,)


def copy_member(file: BinaryIO, member: Member, into: int) -> None:
    """Write the member's bytes to a descriptor. Raises DamagedArchive, OSError."""
    offset, left = member.offset, member.size
    while left:
        piece = os.pread(file.fileno(), min(PIECE, left), offset)
        if not piece:
            raise DamagedArchive("the archive ends before a file of it does")
        offset += len(piece)
        left -= len(piece)
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(into, rest) :]


def _plain(name: str) -> bytes:
    """The name without the `./` that packages begin it with. Any other form is no path that is ever asked for."""
    return os.fsencode(name).removeprefix(b"./")
