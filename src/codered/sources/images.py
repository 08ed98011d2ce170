"""A known-good image that the user vouches for: a tar archive of a root, packed or not."""

import bz2
import gzip
import lzma
import zlib
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

from codered.model.errors import WrongUse
from codered.sources.folders import PIECE, TooMuch
from codered.sources.kept_files import KeptFiles
from codered.sources.programs import ProgramFailed, pour
from codered.sources.tar_files import DamagedArchive, Listing, list_members

MOST_IMAGE = 64 << 30  # bytes, unpacked
_ADVICE = "give a folder laid out like the root, or a .tar, .tar.gz, .tar.xz, .tar.bz2 or .tar.zst of one"


class Image(NamedTuple):
    """An archive of a root, and what it lists."""

    archive: BinaryIO
    listing: Listing


def open_image(path: Path, work: KeptFiles) -> Image:
    """The image in this file. Raises WrongUse if it is none that can be read."""
    try:
        archive = _unpack(path, work)
        listing = list_members(archive)
    except (DamagedArchive, TooMuch, ProgramFailed, EOFError, lzma.LZMAError, zlib.error) as error:
        raise WrongUse(str(error), where=str(path), advice=_ADVICE) from None
    except OSError as error:
        raise WrongUse(f"can't be read: {error.strerror or error}", where=str(path), advice=_ADVICE) from None
    if not listing.files:
        raise WrongUse("no file is in this image", where=str(path), advice=_ADVICE)
    return Image(archive, listing)


def _unpack(path: Path, work: KeptFiles) -> BinaryIO:
    """Raises what `open_image` tells of."""
    match path.suffix:
        case ".tar":
            return path.open("rb")
        case ".gz" | ".tgz":
            return _copy(gzip.open(path), work)
        case ".xz" | ".txz":
            return _copy(lzma.open(path), work)
        case ".bz2":
            return _copy(bz2.open(path), work)
        case ".zst":
            out = work.scratch()
            with path.open("rb") as packed:
                pour(["zstd", "-dcq"], packed, out, MOST_IMAGE)
            return out
    raise WrongUse("is no image of a kind that can be read", where=str(path), advice=_ADVICE)


def _copy(stream: IO[bytes] | gzip.GzipFile, work: KeptFiles) -> BinaryIO:
    out, size = work.scratch(), 0
    with stream:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > MOST_IMAGE:
                raise TooMuch(f"unpacked it has more than {MOST_IMAGE:,} bytes")
            out.write(piece)
    out.flush()
    return out
