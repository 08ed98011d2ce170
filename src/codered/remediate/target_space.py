"""Whether the volumes that are changed have room for it: a hive or a file that grows on a full one would have to be
undone half-way.
"""

import os
from collections import defaultdict
from collections.abc import Iterable

from codered.model.errors import Refused
from codered.model.plan import Action
from codered.model.target import Target
from codered.remediate.file_state import escape_text, open_spot

_HIVE = 8192  # bytes: what an edit adds to a hive, beside the data that are set


def check_target_space(actions: Iterable[Action], target: Target) -> None:
    """Raises Refused if an offline volume has no room for what the actions make longer."""
    if target.info.kind not in ("offline_root", "disk_image"):
        return
    needed: defaultdict[int, int] = defaultdict(int)
    for action in actions:
        grows = _measure_growth(action)
        if not grows:
            continue
        try:
            with open_spot(action.path, target) as spot:
                figures, device = os.fstatvfs(spot.dir_fd), os.fstat(spot.dir_fd).st_dev
        except OSError:
            continue  # its state has told
        needed[device] += grows
        free = figures.f_bavail * figures.f_frsize
        if free < needed[device]:
            what = f"its volume has {free:,} bytes free, less than the {needed[device]:,} that may be needed"
            where = escape_text(action.shown or action.path.text)
            raise Refused(f"{what}; nothing was touched", where=where, advice="free space there")


def _measure_growth(action: Action) -> int:
    """How many bytes it may take of its volume: a hive grows where it lies, other lines are written to a copy."""
    if action.registry is not None:
        return _HIVE + (len(action.sets.data) if action.sets is not None else 0)
    return action.edit.outcome.size if action.edit is not None and action.edit.lines else 0
