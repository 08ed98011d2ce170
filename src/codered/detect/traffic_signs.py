"""Which threat a request on the wire belongs to: a sign that several threats share names one only with another sign of
the same sender beside it.
"""

from collections.abc import Iterable

import msgspec

from codered.model.finding import CONFIDENCES, SEVERITIES, UNATTRIBUTED
from codered.model.indicators import LogIndicator, TrafficIndicator
from codered.model.pack import LoadedPack


class PayloadSign(msgspec.Struct, frozen=True):
    """An indicator of something sent, and the pack it comes from."""

    pack: str
    indicator: TrafficIndicator | LogIndicator

    @property
    def name(self) -> str:
        """As events name it: "pack/indicator"."""
        return f"{self.pack}/{self.indicator.id}"

    def candidates(self) -> frozenset[str]:
        """The packs that this sign may stand for."""
        return frozenset((self.pack, *self.indicator.shared_by))

    def infects(self) -> bool:
        """Whether it is what brings the threat to the one who gets it."""
        if isinstance(self.indicator, LogIndicator):
            return self.indicator.vector == "exploit"
        return "T1210" in self.indicator.attack or not self.indicator.attack


class SignVerdict(msgspec.Struct, frozen=True):
    """What the signs of a sender came to: `pack` is "unattributed" with `shared_by`, or a threat; `because_of` is the
    sign that decided between those that share this one ("" = it is not shared).
    """

    pack: str
    sign: PayloadSign
    shared_by: tuple[str, ...] = ()
    because_of: str = ""


def index_payload_signs(packs: Iterable[LoadedPack]) -> dict[str, PayloadSign]:
    """Every traffic and log indicator by the name that events use."""
    found: dict[str, PayloadSign] = {}
    for loaded in packs:
        signs: tuple[TrafficIndicator | LogIndicator, ...] = (*loaded.pack.logs, *loaded.pack.traffic)
        found |= {f"{loaded.pack.name}/{item.id}": PayloadSign(loaded.pack.name, item) for item in signs}
    return found


def judge_signs(names: Iterable[str], signs: dict[str, PayloadSign]) -> tuple[SignVerdict, ...]:
    """A verdict for every threat that the signs of one sender speak of, the surest first. Unknown signs are dropped."""
    found = sorted({signs[name].name: signs[name] for name in names if name in signs}.values(), key=_strength)
    proofs: dict[str, str] = {}  # pack -> a sign that is its alone
    alone: dict[str, PayloadSign] = {}
    shared: dict[frozenset[str], list[PayloadSign]] = {}
    for sign in found:
        if sign.indicator.shared_by:
            shared.setdefault(sign.candidates(), []).append(sign)
            continue
        alone.setdefault(sign.pack, sign)
        if sign.indicator.confidence != "suspicious":
            proofs.setdefault(sign.pack, sign.indicator.id)
    verdicts = [SignVerdict(pack, sign) for pack, sign in alone.items()]
    for candidates, group in shared.items():
        named = sorted(candidates & proofs.keys())
        if len(named) != 1:
            verdicts.append(SignVerdict(UNATTRIBUTED, group[0], shared_by=tuple(sorted(candidates))))
        elif named[0] not in alone:
            own = next((sign for sign in group if sign.pack == named[0]), group[0])
            verdicts.append(SignVerdict(named[0], own, because_of=proofs[named[0]]))
    return tuple(verdicts)


def _strength(sign: PayloadSign) -> tuple[int, int, str, str]:
    item = sign.indicator
    return (CONFIDENCES.index(item.confidence), SEVERITIES.index(item.severity), sign.pack, item.id)
