"""How each word of headquarters begins: its parts are there, and its folder and database are open."""

import importlib.util
from typing import TYPE_CHECKING

from codered.model.errors import WrongUse

if TYPE_CHECKING:
    from codered_hq.opening import Headquarters

NEEDED = ("django", "dns")


def enter_headquarters() -> "Headquarters":
    """The open headquarters. Raises WrongUse, also where the extra `hq` is not installed."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        advice = "install codered-detect[hq]; in a checkout: scripts/set-up-venv hq"
        raise WrongUse(f"headquarters is not installed here ({', '.join(missing)} missing)", advice=advice)
    from codered_hq.opening import open_headquarters

    return open_headquarters()
