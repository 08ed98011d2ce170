"""Keeping the looks: what was looked at, skipped and why, failed and why. Counts are complete, examples the first."""

import msgspec

from codered.collect.walking import Unwalked
from codered.model.finding import Layer
from codered.model.paths import path_from_bytes
from codered.model.report import Look, LookState
from codered.model.target import Capability, Target
from codered.scan.tasks import Counted

MOST_EXAMPLES = 20
LAYER_OF: dict[Capability, Layer] = {
    "files": "files",
    "logs": "logs",
    "processes": "processes",
    "registry": "settings",
    "network": "network",
    "memory": "memory",
    "live": "processes",
    "autostart": "autostart",
    "accounts": "accounts",
}


class _Count(msgspec.Struct):
    count: int = 0
    bytes: int = 0
    lines: int = 0
    examples: list[str] = []


class LookBook:
    """Gathers looks while a scan runs."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._counts: dict[tuple[Layer, str, LookState, str], _Count] = {}

    def add_looked(self, layer: Layer, where: str, files: int, size: int, lines: int = 0) -> None:
        """Files read at a place; `size` in bytes."""
        count = self._counts.setdefault((layer, where, "looked", ""), _Count())
        count.count += files
        count.bytes += size
        count.lines += lines

    def add_unlooked(self, where: str, item: Unwalked, layer: Layer = "files") -> None:
        """A file or folder that was left out or could not be read."""
        count = self._counts.setdefault((layer, where, item.state, item.why), _Count())
        count.count += 1
        if len(count.examples) < MOST_EXAMPLES:
            count.examples.append(path_from_bytes(self._target.absolute(item.rel)).text)

    def add_counted(self, item: Counted) -> None:
        """Something that a live layer looked at, or could not."""
        count = self._counts.setdefault((item.layer, item.where, item.state, item.why), _Count())
        count.count += item.count
        count.bytes += item.size
        if item.example and len(count.examples) < MOST_EXAMPLES:
            count.examples.append(item.example)

    def add_gap(self, layer: Layer, where: str, why: str) -> None:
        """Something the scan was asked for and did not do."""
        self._counts.setdefault((layer, where, "failed", why), _Count()).count += 1

    def looks(self) -> tuple[Look, ...]:
        """All looks: what was looked at as it came up, then layer by layer what was not, by place and reason; what the
        target can't offer last. Which worker was faster changes no order.
        """
        layers = list(dict.fromkeys(layer for layer, *_ in self._counts))
        looked = [item for item in self._counts.items() if item[0][2] == "looked"]
        others = [item for item in self._counts.items() if item[0][2] != "looked"]
        told = (*looked, *sorted(others, key=lambda item: (layers.index(item[0][0]), item[0])))
        mine = tuple(
            Look(
                layer=layer, where=where, state=state, why=why, count=count.count,
                bytes=count.bytes, lines=count.lines, examples=tuple(count.examples),
            )
            for (layer, where, state, why), count in told
        )  # fmt: skip
        missing = tuple(
            Look(layer=LAYER_OF[item.capability], where=self._target.info.host or self._target.info.root,
                 state="unsupported", why=item.reason)
            for item in self._target.info.unsupported
        )  # fmt: skip
        return mine + missing
