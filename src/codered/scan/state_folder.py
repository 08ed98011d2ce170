"""Where the tool keeps what must last: cases, plans, responses, evidence, baselines, keys."""

import os
from pathlib import Path

from codered.system.private_files import state_home


def state_folder() -> Path:
    """CODERED_STATE, else the machine's own place for an administrator, else the user's state folder."""
    if chosen := os.environ.get("CODERED_STATE"):
        return Path(chosen).absolute()
    return state_home()
