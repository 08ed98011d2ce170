"""Signs as exports say them: one for all packs that show the very same, with a key and a number that stay."""

import hashlib
import uuid
from collections.abc import Callable, Iterable
from datetime import date
from typing import Generic, NamedTuple, TypeVar

import msgspec

from codered.export.indicators.exported import LeftOut
from codered.export.indicators.leaving_out import leave_sign
from codered.model.indicators import Indicator
from codered.model.pack import ThreatPack
from codered.model.rule import ParsedPack

Sign = TypeVar("Sign", bound=Indicator)
# What may be worded or weighed anew without making it another sign.
_WORDING = ("because", "confidence", "severity", "references", "attack", "shared_by", "answers")
_OWN = uuid.uuid5(uuid.NAMESPACE_URL, "urn:codered:export")
_LONGEST = 300


class Shared(NamedTuple, Generic[Sign]):
    """A sign, the packs that show it, and a key made of what it looks for, whichever packs are exported."""

    sign: Sign
    packs: tuple[ThreatPack, ...]
    key: str

    def name(self) -> str:
        """`pack/sign`, of the first of its packs."""
        return f"{self.packs[0].name}/{self.sign.id}"

    def title(self) -> str:
        """What a person calls it."""
        return f"{' or '.join(pack.title for pack in self.packs)}: {self.sign.id.replace('-', ' ')}"

    def cves(self) -> tuple[str, ...]:
        """The holes that its packs use; a shared sign names only those they have in common."""
        first, *others = self.packs
        return tuple(cve for cve in first.cves if all(cve in pack.cves for pack in others))

    def leave_out(self, why: str) -> tuple[LeftOut, ...]:
        """That a form can't say it, once for each of its packs."""
        return tuple(leave_sign(pack, self.sign, why) for pack in self.packs)


def share_signs(
    packs: tuple[ParsedPack, ...], signs_of: Callable[[ThreatPack], tuple[Sign, ...]]
) -> tuple[Shared[Sign], ...]:
    """The signs of one layer in the packs' order; those that look for the very same are one."""
    holders: dict[str, list[ThreatPack]] = {}
    signs: dict[str, Sign] = {}
    for parsed in packs:
        pack = parsed.loaded.pack
        for sign in signs_of(pack):
            key = _make_key(sign)
            signs.setdefault(key, sign)
            holders.setdefault(key, []).append(pack)
    return tuple(Shared(sign, tuple(holders[key]), key) for key, sign in signs.items())


def number_signs(keys: Iterable[str], first: int, slots: int) -> dict[str, int]:
    """A number from `first` on for each key, made of the key; where two meet, the later in the alphabet moves on.
    Raises ValueError for more keys than slots.
    """
    taken: dict[int, str] = {}
    wanted = sorted(set(keys))
    if len(wanted) > slots:
        raise ValueError(f"more than {slots} signs")
    for key in wanted:
        slot = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % slots
        while slot in taken:
            slot = (slot + 1) % slots
        taken[slot] = key
    return {key: first + slot for slot, key in taken.items()}


def name_uuid(kind: str, key: str) -> str:
    """A UUID that is the same for the same thing, always."""
    return str(uuid.uuid5(_OWN, f"{kind} {key}"))


def show_day(pack: ThreatPack) -> date:
    """The first day of the month that a pack's version names; nonsense is moved to the nearest month there is."""
    year, month, _ = pack.version.split(".")
    return date(max(int(year), 1970), max(1, min(int(month), 12)), 1)


def plain_text(text: str) -> str:
    """A sentence in one line of ASCII without quotes, backslashes and signs that an engine's own language may read."""
    text = text.replace("'", "")
    kept = "".join(c if c.isascii() and c.isprintable() and c not in "'\"\\%$`{}<>&" else " " for c in text)
    return " ".join(kept.split())[:_LONGEST]


def _make_key(sign: Indicator) -> str:
    looked_for = {name: value for name, value in msgspec.to_builtins(sign).items() if name not in _WORDING}
    return f"{type(sign).__name__} {msgspec.json.encode(looked_for, order='deterministic').decode()}"
