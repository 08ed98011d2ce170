"""The container around a disk: what kind it is is told by its first bytes, and its sectors are read from it."""

import os
from importlib import resources
from typing import Any, NamedTuple, Protocol

import msgspec

from codered.model.errors import WrongUse
from codered.targets.images.image_files import (
    find_descriptor,
    list_ewf_segments,
    list_pieces,
    measure,
    open_image_file,
)
from codered.targets.images.library_disks import open_ewf, open_qcow, open_vhd, open_vmdk
from codered.targets.images.raw_disk import RawDisk

RAW = "raw"
_CONVERT = "convert it first: qemu-img convert -O raw IMAGE disk.raw"


class Disk(Protocol):
    """The sectors of a disk, whatever they lie in."""

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    def read(self, offset: int, size: int) -> bytes:
        """Bytes of it; fewer at its end. Raises OSError."""
        ...

    def close(self) -> None:
        """Give its files back."""
        ...


class Container(NamedTuple):
    """An image: its `format`, the disk in it, and the absolute paths of all its files in order."""

    format: str
    disk: Disk
    files: tuple[bytes, ...]


class _Kind(msgspec.Struct, frozen=True):
    format: str
    offset: int
    magic: str
    refused: str = ""


def _load_kinds() -> list[_Kind]:
    text = resources.files("codered.targets.images").joinpath("container_kinds.json").read_bytes()
    return msgspec.json.decode(text, type=list[_Kind])


_KINDS = _load_kinds()


def open_container(path: bytes) -> Container:
    """The image of which `path` (absolute, free of links) is the file or one of the files. Raises WrongUse for what is
    no readable file, is empty, or can't be opened here, with what to do about it.
    """
    kind = tell_kind(path)
    if kind.refused:
        raise WrongUse(f"{kind.refused}: not read by this version", where=_shown(path), advice=_CONVERT)
    if kind.format == RAW:
        files = list_pieces(path)
        return Container(RAW if len(files) == 1 else "split raw", RawDisk(files), files)
    try:
        return _open_library(kind.format, path)
    except ImportError as error:
        raise WrongUse(f"{error.name} is missing: {kind.format} images can't be read", where=_shown(path),
                       advice="install codered-detect[images], or " + _CONVERT) from None  # fmt: skip
    except OSError as error:
        what = f"a {kind.format} image that can't be opened ({_first_line(error)})"
        raise WrongUse(what, where=_shown(path), advice=f"was it copied whole? Else {_CONVERT}") from None


def tell_kind(path: bytes) -> _Kind:
    """What the first (and last) bytes of a file say; RAW if they say nothing. Raises WrongUse if it can't be read or is
    empty.
    """
    descriptor = open_image_file(path)
    try:
        size = measure(descriptor)
        if not size:
            raise WrongUse("an empty file", where=_shown(path), advice="was the image copied whole?")
        for kind in _KINDS:
            magic = bytes.fromhex(kind.magic)
            at = kind.offset if kind.offset >= 0 else size + kind.offset
            if at >= 0 and os.pread(descriptor, len(magic), at) == magic:
                return kind
    except OSError as error:
        raise WrongUse(f"can't be read ({error.strerror})", where=_shown(path), advice="is the disk damaged?") from None
    finally:
        os.close(descriptor)
    return _Kind(RAW, 0, "")


def _open_library(kind: str, path: bytes) -> Container:
    if kind == "E01":
        files = list_ewf_segments(path)
        return Container(kind, open_ewf(files), files)
    if kind == "VMDK":
        descriptor = find_descriptor(path)
        opened = open_vmdk(descriptor if descriptor and os.path.lexists(descriptor) else path)
    else:
        opened = open_qcow(path) if kind == "QCOW2" else open_vhd(path)
    return Container(kind, opened, opened.files)


def _shown(path: bytes) -> str:
    return path.decode(errors="backslashreplace")


def _first_line(error: OSError) -> str:
    """What a library says, in a line: its texts name functions of its own."""
    text: Any = error.args[-1] if error.args else error
    return str(text).strip().split("\n", maxsplit=1)[0][:200]
