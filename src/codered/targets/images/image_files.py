"""The files an image consists of: opened read only, and only those that lie beside the one that was named."""

import os
import re
import stat

from codered.model.errors import WrongUse
from codered.system.descriptors import READ_FILE

MOST_FILES = 5000  # of one image; 26 letters twice and three digits give fewer
_FLAGS = READ_FILE
_TAKES = "--image takes a disk image or a block device"
_TOGETHER = "put all its files into one folder"
_DIGITS = re.compile(rb"(.*\.)([0-9]{3,5})\Z", re.DOTALL)
_LETTERS = re.compile(rb"(.*\.)([a-z]{2,3})\Z", re.DOTALL)
_EWF = re.compile(rb"(.*\.[EeSs])([0-9]{2}|[A-Za-z]{2})\Z", re.DOTALL)
_EXTENT = re.compile(rb"(.*)-[sf][0-9]{3}(\.vmdk)\Z", re.DOTALL | re.IGNORECASE)


def open_image_file(path: bytes) -> int:
    """A read-only descriptor of a regular file or block device. Raises WrongUse, also for a link: the path that the
    user gave was resolved before, and what an image names must not lead elsewhere.
    """
    shown = path.decode(errors="backslashreplace")
    try:
        mode = os.lstat(path).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):  # to open a fifo or a device may have effects
            raise WrongUse(_tell_kind(mode), where=shown, advice=_TAKES)
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise WrongUse("no such file", where=shown, advice=_TAKES) from None
    except OSError as error:
        advice = "run it as somebody who may read it"
        raise WrongUse(f"can't be read ({error.strerror})", where=shown, advice=advice) from None
    mode = os.fstat(descriptor).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
        os.close(descriptor)
        raise WrongUse(_tell_kind(mode), where=shown, advice=_TAKES)
    return descriptor


def measure(descriptor: int) -> int:
    """The size in bytes of a file or block device."""
    return os.lseek(descriptor, 0, os.SEEK_END)


def find_beside(path: bytes, name: str, advice: str = _TOGETHER) -> bytes:
    """The file that an image names (by any path: Unix, Windows, relative), beside the image itself. Raises WrongUse if
    the name is not a plain one or there is no such file, with this advice.
    """
    plain = re.split(r"[/\\]", name)[-1]
    if plain in ("", ".", "..") or "\0" in plain:
        shown = path.decode(errors="backslashreplace")
        raise WrongUse("names a part of itself that is no file", where=shown, advice="is it damaged?")
    found = os.path.join(os.path.dirname(path), os.fsencode(plain))
    if not os.path.lexists(found):
        shown = found.decode(errors="backslashreplace")
        raise WrongUse("a part of the image is not there", where=shown, advice=advice)
    return found


def list_pieces(path: bytes) -> tuple[bytes, ...]:
    """All pieces of a split raw image in order, whichever of them was named; the file alone if it is no piece. Raises
    WrongUse if one in the middle is missing.
    """
    folder, name = os.path.split(path)
    digits, letters = _DIGITS.match(name), _LETTERS.match(name)
    if digits:
        stem, width = digits[1], len(digits[2])
        numbers = {int(found[2]): each for each, found in _matching(folder, _DIGITS, stem) if len(found[2]) == width}
        if set(numbers) & {0, 1}:
            return _in_order(folder, numbers)
    elif letters:
        stem, width = letters[1], len(letters[2])
        named = {_count(found[2]): each for each, found in _matching(folder, _LETTERS, stem) if len(found[2]) == width}
        if _count(letters[2]) in named and 0 in named:
            return _in_order(folder, named)
    return (path,)


def list_ewf_segments(path: bytes) -> tuple[bytes, ...]:
    """All segments of an E01 image in order, whichever of them was named. Raises WrongUse if one is missing."""
    folder, name = os.path.split(path)
    match = _EWF.match(name)
    if match is None:
        return (path,)
    numbers = {_number_ewf(found[2]): each for each, found in _matching(folder, _EWF, match[1])}
    return _in_order(folder, numbers)


def find_descriptor(path: bytes) -> bytes | None:
    """The descriptor file of a VMDK of which an extent was named; None if it is no extent's name."""
    match = _EXTENT.match(path)
    return match[1] + match[2] if match else None


def _matching(folder: bytes, shape: re.Pattern[bytes], stem: bytes) -> list[tuple[bytes, re.Match[bytes]]]:
    try:
        names = os.listdir(folder or b".")
    except OSError:
        return []
    found = [(name, shape.match(name)) for name in names if name.startswith(stem)]
    return [(name, match) for name, match in found if match is not None and match[1] == stem][:MOST_FILES]


def _in_order(folder: bytes, numbers: dict[int, bytes]) -> tuple[bytes, ...]:
    first = min(numbers)
    for number in range(first, first + len(numbers)):
        if number not in numbers:
            before = os.path.join(folder, numbers[number - 1]).decode(errors="backslashreplace")
            what = "the piece after it is missing"
            raise WrongUse(what, where=before, advice="put all pieces of the image into one folder")
    pieces = tuple(os.path.join(folder, numbers[number]) for number in sorted(numbers))
    for piece in pieces:
        if not os.path.getsize(piece):
            shown = piece.decode(errors="backslashreplace")
            raise WrongUse("an empty piece", where=shown, advice="put whole pieces of the image into one folder")
    return pieces


def _count(letters: bytes) -> int:
    """`aa` is 0, `ab` 1."""
    total = 0
    for letter in letters:
        total = total * 26 + letter - ord("a")
    return total


def _number_ewf(ending: bytes) -> int:
    """`01` is 1, `99` 99, `AA` 100."""
    return int(ending) if ending.isdigit() else 100 + _count(ending.lower())


def _tell_kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder, not a disk image"
    return "a link" if stat.S_ISLNK(mode) else "no regular file (device, socket or fifo)"
