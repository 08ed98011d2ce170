"""Journal: begun / verified / undone, hash-chained JSON lines, fsynced before each change, with the backup's place."""

from datetime import datetime
from typing import Literal

import msgspec

from codered.model.plan import ProcessState

JOURNAL_FORMAT = "codered/journal/1"

Event = Literal[
    "opened", "begun", "verified", "failed", "undo_begun", "undone", "left", "finished",
    "held", "released", "ended", "stays", "armed", "disarmed",
]  # fmt: skip


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=JOURNAL_FORMAT):
    """One line of a journal. `previous` is the SHA-256 of the line before (64 zeros for the first); `backup` names the
    vault object; `note` says why, for `failed` and `left`. The first line ("opened") carries `plan_digest`. `seal` is
    the SHA-256 of the line with `seal` empty: it guards the last line, which no later line vouches for.

    `process` is what was "held" (frozen), "released" (goes on) or "ended" besides the plan's own actions. "stays": what
    was done can't be undone, so nothing of it is left to do. "armed" and "disarmed": the unit `note` that goes on with
    the plan when the host starts.
    """

    sequence: int
    time: datetime
    event: Event
    previous: str
    action: str = ""
    plan_digest: str = ""
    backup: str = ""
    note: str = ""
    seal: str = ""
    process: ProcessState | None = None
