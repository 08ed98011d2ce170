"""Where the tool keeps what must last: cases, plans, responses, evidence, baselines, keys."""

import os
from pathlib import Path

from codered.model.errors import Refused
from codered.system.private_files import MAKE_OURS_ALONE, may_be_foreign, state_home


def state_folder() -> Path:
    """CODERED_STATE, else the machine's own place for an administrator, else the user's state folder. Raises Refused
    for one of these that somebody else may have made.
    """
    if chosen := os.environ.get("CODERED_STATE"):
        return Path(chosen).absolute()
    home = state_home()
    if may_be_foreign(home):
        advice = f"see who made it, then remove it or make it yours alone ({MAKE_OURS_ALONE}), or set CODERED_STATE"
        raise Refused("others may write in this folder for state", where=str(home), advice=advice)
    return home


def host_key_file() -> Path:
    """Where this host's own private key is, made on first use (docs/decisions/0014-keys.md). Raises Refused."""
    return state_folder() / "keys" / "host.key"
