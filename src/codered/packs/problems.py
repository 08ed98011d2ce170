"""A problem of a pack, and the pack as its checks see it."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from codered.model.indicators import Indicator
from codered.model.pack import LoadedPack, ThreatPack
from codered.model.rule import Rule
from codered.packs.places import rules_place
from codered.packs.strict_yaml import Document, Step

LAYERS = ("files", "content", "logs", "traffic", "settings", "autostart", "processes", "scripts")


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a pack: `file:line`, what, and what to do. An error keeps the pack from being shipped."""

    where: str
    what: str
    advice: str
    level: Literal["error", "warning"] = "error"


class CheckedPack(msgspec.Struct, frozen=True):
    """A pack with what its checks need to name lines: pack.yaml as a document, and the rules of rules.yar."""

    loaded: LoadedPack
    document: Document
    rules: tuple[Rule, ...]

    @property
    def pack(self) -> ThreatPack:
        """The pack itself."""
        return self.loaded.pack

    def at(self, *steps: Step) -> str:
        """`file:line` of a part of pack.yaml."""
        return self.document.place_of(*steps)

    def at_rule(self, line: int) -> str:
        """`file:line` in rules.yar."""
        return f"{rules_place(self.loaded)}:{line}"

    def signs(self) -> Iterator[tuple[str, int, Indicator]]:
        """Every indicator with its layer and its number in it, which is the way to it in pack.yaml."""
        for layer in LAYERS:
            for number, sign in enumerate(getattr(self.pack, layer)):
                yield layer, number, sign
