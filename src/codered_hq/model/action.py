"""What may be done to machines and networks, as the rules of engagement speak of it: what is asked, what they
answer.
"""

from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

ActionKind = Literal[
    "scan", "collect",
    "isolate_host", "disable_port", "move_vlan", "block_address",
    "kill_process", "quarantine_file", "delete_file", "change_setting", "patch", "reboot",
    "shut_vlan", "block_subnet", "rebuild",
    "release", "roll_back",
]  # fmt: skip
ACTION_KINDS: Final[tuple[ActionKind, ...]] = get_args(ActionKind)
LOOKING: Final[frozenset[ActionKind]] = frozenset(["scan", "collect"])
"""These change nothing."""
UNDOING: Final[frozenset[ActionKind]] = frozenset(["release", "roll_back"])
"""These take back what was allowed before: a rule speaks of them only if it names them; if none does, they are
allowed.
"""

Answer = Literal["yes", "needs", "no"]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One machine that an action would touch: `host` is its number in the inventory (0 = not known there, and then
    `name` is its address or MAC), `state` and `criticality` as there.
    `evidence_unchecked`: that its evidence is saved was only said, nobody looked.
    """

    host: int
    name: str
    tags: tuple[str, ...] = ()
    state: str = "unknown"
    criticality: str = "normal"
    evidence_saved: bool = False
    evidence_unchecked: bool = False


class ActionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to do. `target` is what it is done to, in one fixed form ("port sw1 ge-0-3", "vlan 20",
    "host #12"), `subjects` every machine that it would touch; `seconds` how long it is to last (0 = as long as the
    rules let it); `at` is aware. `guard` is a reason why it must never be done, whatever the rules say (an uplink,
    our own way in); "" = none.
    """

    kind: ActionKind
    target: str
    subjects: tuple[Subject, ...]
    at: datetime
    requested_by: str
    reason: str = ""
    incident: str = ""
    drill: bool = False
    seconds: int = 0
    guard: str = ""


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that says how many machines actions of these kinds may touch within so many seconds."""

    rule: str
    why: str
    kinds: tuple[ActionKind, ...]
    hosts: int
    seconds: int


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules answer: the deciding rule and its sentence; `needs` are the roles of the people who must say yes,
    all different ones; `undo_after` seconds it is taken back (0 = never by itself); `caps` must be kept as well;
    `subject` is the machine that decided it (the strictest); `version` and `digest` are the rules'.
    """

    answer: Answer
    rule: str
    why: str
    needs: tuple[str, ...] = ()
    undo_after: int = 0
    caps: tuple[Cap, ...] = ()
    subject: str = ""
    version: int = 0
    digest: str = ""
