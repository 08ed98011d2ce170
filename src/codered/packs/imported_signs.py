"""What only an imported pack has: thousands of rules, and their signs in a file that is quick to read."""

from pathlib import Path

import msgspec

from codered.model.errors import WrongUse
from codered.model.pack import ImportedSigns, ThreatPack
from codered.packs.strict_yaml import MOST_BYTES, shorten, show_path

SIGNS_FILE = "signs.json"
MOST_IMPORTED: dict[str, int] = {"rules.yar": 64 << 20, SIGNS_FILE: 16 << 20}
"""Bytes of the two files that may be large there."""


def add_signs(pack: ThreatPack, contents: dict[str, bytes], folder: Path) -> ThreatPack:
    """The pack with the signs that stand beside it. Raises WrongUse if they are not what they must be, and for a pack
    with no `origin` that has such a file.
    """
    if pack.origin is None:
        for name in MOST_IMPORTED:
            if len(contents.get(name, b"")) > MOST_BYTES or (name == SIGNS_FILE and name in contents):
                what = f"{MOST_BYTES} bytes are exceeded" if name != SIGNS_FILE else "signs of an imported pack"
                advice = "only a pack with an `origin` may have it so"
                raise WrongUse(what, where=show_path(folder / name), advice=advice)
    if pack.origin is None or SIGNS_FILE not in contents:
        return pack
    try:
        signs = msgspec.json.decode(contents[SIGNS_FILE], type=ImportedSigns)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        advice = "import the rules again"
        raise WrongUse(shorten(str(error), 200), where=show_path(folder / SIGNS_FILE), advice=advice) from None
    return msgspec.structs.replace(
        pack,
        references=(*pack.references, *signs.references),
        content=(*pack.content, *signs.content),
        logs=(*pack.logs, *signs.logs),
        traffic=(*pack.traffic, *signs.traffic),
    )
