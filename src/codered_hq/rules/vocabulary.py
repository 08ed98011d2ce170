"""The closed vocabulary of rules of engagement: `vocabulary.json`, beside the kinds and roles of the model."""

from functools import cache
from importlib import resources

import msgspec

from codered_hq.model.action import ActionKind


class Vocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Built-in tags with a sentence each, states and criticalities of hosts, kinds of action that cut off or clean
    machines, and ids that no rule of a file may have.
    """

    tags: dict[str, str]
    states: tuple[str, ...]
    criticalities: tuple[str, ...]
    cutting_off: frozenset[ActionKind]
    cleaning: frozenset[ActionKind]
    reserved: frozenset[str]


@cache
def read_vocabulary() -> Vocabulary:
    """The vocabulary that all rules of engagement are written in."""
    raw = resources.files("codered_hq.rules").joinpath("vocabulary.json").read_bytes()
    return msgspec.json.decode(raw, type=Vocabulary)
