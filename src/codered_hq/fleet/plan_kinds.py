"""What the rules of engagement call the changes of a plan."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final

import msgspec

from codered.model.errors import Refused
from codered.model.plan import ActionKind as PlanKind
from codered.model.plan import Plan
from codered_hq.model.action import ActionKind

DESTROYING: Final[frozenset[ActionKind]] = frozenset(["kill_process", "delete_file", "reboot", "rebuild"])
"""Evidence must be saved before these; any other change keeps what it takes, on the host."""


def list_kinds(word: str, plan: Plan, where: str) -> tuple[ActionKind, ...]:
    """The kinds of action that carrying out a plan comes to, each once; undoing one (`word` "rollback") is of one kind.
    Raises Refused for a plan that changes nothing: no rule could be asked about it.
    """
    if word == "rollback":
        return ("roll_back",)
    known = _read_table()
    kinds = tuple(sorted({known[action.kind] for action in plan.actions}))
    if not kinds:
        raise Refused("its plan holds no changes", where=where, advice="codered fleet plan makes one")
    return kinds


def name_target(word: str, digests: Mapping[int, str]) -> str:
    """What is to be carried out, in one fixed form: hosts by their number, and the digest of the plan of each. An
    approval of it is one of no other plan.
    """
    body = msgspec.json.encode(sorted(digests.items()))
    return f"fleet {word} plans {hashlib.sha256(body).hexdigest()[:32]}"


@lru_cache(maxsize=1)
def _read_table() -> dict[PlanKind, ActionKind]:
    raw = files("codered_hq.fleet").joinpath("plan_kinds.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[PlanKind, ActionKind])
