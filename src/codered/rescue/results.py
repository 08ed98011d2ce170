"""Reading a medium after its boot: what it did. The medium is read, never changed, and needs no mount."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from codered.model.errors import WrongUse
from codered.rescue.medium import LABEL
from codered.rescue.running import RESULT, Result

if TYPE_CHECKING:
    import pytsk3

_MOST_BYTES = 16 << 20
_LABEL_AT = 1024 + 120  # in an ext file system
_ADVICE = "name the image or the stick that was booted"


def read_result(medium: Path) -> Result:
    """The result that is kept on the medium. Raises WrongUse if it is none, or was not booted with a plan yet."""
    try:
        import pytsk3
    except ImportError:
        raise WrongUse(
            "pytsk3 is missing", where=str(medium), advice="install the tool with its extra [images]"
        ) from None
    if not (medium.is_file() or medium.is_block_device()):
        raise WrongUse("no such file or device", where=str(medium), advice=_ADVICE)
    try:
        image = pytsk3.Img_Info(str(medium))
        raw = _read_file(pytsk3.FS_Info(image, offset=_find_partition(image)), f"/{RESULT}")
    except (OSError, WrongUse):
        raise WrongUse(
            "is no rescue medium, or was not booted with a plan yet", where=str(medium), advice=_ADVICE
        ) from None
    try:
        return msgspec.json.decode(raw, type=Result)
    except msgspec.DecodeError as error:
        raise WrongUse(f"its result can't be read: {error}", where=str(medium), advice=_ADVICE) from None


def _find_partition(image: "pytsk3.Img_Info") -> int:
    """The offset in bytes of the medium's own partition, the one with our label. Raises OSError, WrongUse."""
    import pytsk3

    for part in pytsk3.Volume_Info(image):
        offset = part.start * 512
        if image.read(offset + _LABEL_AT, len(LABEL)) == LABEL.encode():
            return int(offset)
    raise WrongUse("no partition of its own", where=LABEL, advice=_ADVICE)


def _read_file(volume: "pytsk3.FS_Info", path: str) -> bytes:
    file = volume.open(path)
    return bytes(file.read_random(0, min(file.info.meta.size, _MOST_BYTES)))
