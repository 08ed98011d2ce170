"""Where the tool keeps what must last: cases, plans, responses, evidence, baselines, keys."""

import os
from pathlib import Path


def state_folder() -> Path:
    """CODERED_STATE, else /var/lib/codered for root, else the user's own state folder."""
    if chosen := os.environ.get("CODERED_STATE"):
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/codered")
    own = os.environ.get("XDG_STATE_HOME", "")
    return (Path(own) if own.startswith("/") else Path.home() / ".local/state") / "codered"
