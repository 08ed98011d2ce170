"""What a form can't say of a pack, and why, in the same words for every form."""

from collections.abc import Iterable, Iterator

from codered.export.indicators.exported import LeftOut
from codered.model.indicators import Indicator
from codered.model.pack import ThreatPack
from codered.model.rule import ParsedPack

LAYERS = ("files", "content", "logs", "traffic", "settings", "autostart", "processes", "scripts")


def leave_sign(pack: ThreatPack, sign: Indicator, why: str) -> LeftOut:
    """One sign left out."""
    return LeftOut(f"{pack.name}/{sign.id}", why)


def leave_layers(packs: Iterable[ParsedPack], carried: tuple[str, ...], what: str) -> Iterator[LeftOut]:
    """Every sign of the layers that a form does not carry; `what` it knows goes into the reason."""
    for one in packs:
        pack = one.loaded.pack
        for layer in LAYERS:
            signs: tuple[Indicator, ...] = getattr(pack, layer)
            if layer not in carried:
                yield from (leave_sign(pack, sign, f"{layer}: {what}") for sign in signs)
