"""A container as one zip: stored members in a fixed order with fixed dates, so that every byte can be verified."""

import os
import zlib
from pathlib import Path

from codered.evidence.standalone_verifier import FILES, Folder, make_directory, make_local_header
from codered.model.errors import WrongUse

_ADVICE = "name a file that does not exist, on a disk with room"


def write_zip(container: Path, path: Path) -> int:
    """Write the container's files to a new zip; its size in bytes. Raises WrongUse."""
    part = path.with_name(path.name + ".part")
    if path.exists():
        raise WrongUse("is there already", where=str(path), advice=_ADVICE)
    try:
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as out:
            source = Folder(str(container))
            _demand_names(container, source.names)
            members: list[tuple[bytes, int, int, int]] = []
            for name in sorted(source.names, key=lambda one: (one not in FILES, one)):
                crc = size = 0
                for piece in source.read(name):
                    crc, size = zlib.crc32(piece, crc), size + len(piece)
                members.append((name.encode(), crc, size, out.tell()))
                out.write(make_local_header(name.encode(), crc, size))
                out.writelines(source.read(name))
            out.write(make_directory(members))
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
        return path.stat().st_size
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise WrongUse(f"can't be written: {error.strerror}", where=str(path), advice=_ADVICE) from None
        raise


def _demand_names(container: Path, names: list[str]) -> None:
    """Raises WrongUse for a name that is no text: none of ours is like that."""
    for name in names:
        if not os.fsencode(name).isascii():
            what = f"can't be zipped: {ascii(name)[1:-1]} does not belong there"
            raise WrongUse(what, where=str(container), advice="codered evidence verify names all that is wrong with it")
