"""Which threat an address belongs to: a sign that several threats share names one only with another sign beside it."""

from collections.abc import Iterable

import msgspec

from codered.detect.log_sights import Sight
from codered.model.finding import CONFIDENCES, SEVERITIES, UNATTRIBUTED
from codered.model.indicators import LogIndicator
from codered.model.pack import LoadedPack


class Sign(msgspec.Struct, frozen=True):
    """A log indicator and the pack it comes from."""

    pack: str
    indicator: LogIndicator

    def candidates(self) -> frozenset[str]:
        """The packs that this sign may stand for."""
        return frozenset((self.pack, *self.indicator.shared_by))


class Verdict(msgspec.Struct, frozen=True):
    """What a sign came to: `pack` is "unattributed" with `shared_by`, or a threat; `because_of` is the sign that
    decided between those that share this one ("" = it is not shared).
    """

    pack: str
    sign: Sign
    shared_by: tuple[str, ...] = ()
    because_of: str = ""


def index_signs(packs: Iterable[LoadedPack]) -> dict[str, Sign]:
    """Every log indicator by the name that tallies use."""
    return {f"{p.pack.name}/{item.id}": Sign(p.pack.name, item) for p in packs for item in p.pack.logs}


def attribute_sights(sights: list[Sight], signs: dict[str, Sign]) -> list[tuple[Sight, list[Verdict]]]:
    """For each sight of one address, a verdict for every threat it speaks of. Signs of unknown packs are dropped."""
    known = [(sight, [signs[name] for name in sight.signs if name in signs]) for sight in sights]
    proofs: dict[str, str] = {}  # pack -> a sign that is its alone
    for _, found in known:
        for sign in found:
            if not sign.indicator.shared_by and sign.indicator.confidence != "suspicious":
                proofs.setdefault(sign.pack, sign.indicator.id)
    return [(sight, _judge(found, proofs)) for sight, found in known]


def _judge(found: list[Sign], proofs: dict[str, str]) -> list[Verdict]:
    alone: dict[str, Sign] = {}
    shared: dict[frozenset[str], list[Sign]] = {}
    for sign in sorted(found, key=_strength):
        if sign.indicator.shared_by:
            shared.setdefault(sign.candidates(), []).append(sign)
        else:
            alone.setdefault(sign.pack, sign)
    verdicts = [Verdict(pack, sign) for pack, sign in alone.items()]
    for candidates, group in shared.items():
        named = sorted(candidates & proofs.keys())
        if len(named) != 1:
            verdicts.append(Verdict(UNATTRIBUTED, group[0], shared_by=tuple(sorted(candidates))))
        elif named[0] not in alone:
            own = next((sign for sign in group if sign.pack == named[0]), group[0])
            verdicts.append(Verdict(named[0], own, because_of=proofs[named[0]]))
    return verdicts


def _strength(sign: Sign) -> tuple[int, int, str, str]:
    item = sign.indicator
    return (CONFIDENCES.index(item.confidence), SEVERITIES.index(item.severity), sign.pack, item.id)
