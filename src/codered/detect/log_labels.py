"""Which threats a request shows, by the packs' log patterns. Answers are remembered: worms repeat themselves."""

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from codered.engine import GaveUp, Matcher
from codered.model.observation import LogHit
from codered.model.ruleset import RuleSet, rule_of_indicator

SECONDS_PER_TEXT = 10  # of engine time; a request takes some microseconds
MOST_REMEMBERED = 20_000
_MOST_REMEMBERED_BYTES = 32 << 20
_LONGEST_REMEMBERED = 8192

Signs = tuple[str, ...]  # "pack/indicator", sorted


class Labeller:
    """The log patterns of all packs. `gave_up` counts texts that the engine did not finish with."""

    def __init__(self, rules: RuleSet) -> None:
        self._matcher = Matcher(rules.label, seconds=SECONDS_PER_TEXT, most=1, first_only=True)
        self._signs: dict[str, dict[tuple[str, str], str]] = {}
        self._plain: set[str] = set()  # signs that name their threat by themselves
        for loaded in rules.packs:
            for item in loaded.pack.logs:
                key = (loaded.pack.name, rule_of_indicator(item.id))
                name = f"{loaded.pack.name}/{item.id}"
                self._signs.setdefault(item.part, {})[key] = name
                if not item.shared_by and item.confidence != "suspicious":
                    self._plain.add(name)
        self._remembered: dict[tuple[str, str], Signs] = {}
        self._remembered_bytes = 0
        self.gave_up = 0

    def label(self, hit: LogHit) -> Signs:
        """The signs of one line, () for none."""
        signs = self._recall("request", hit.request) if hit.request else ()
        if hit.error:
            signs = _join(signs, self._recall("error", hit.error))
        if hit.referer and "referer" in self._signs:
            signs = _join(signs, self._recall("referer", hit.referer))
        if hit.agent and "agent" in self._signs:
            signs = _join(signs, self._recall("agent", hit.agent))
        return signs

    def _recall(self, part: str, text: str) -> Signs:
        key = (part, text)
        signs = self._remembered.get(key)
        if signs is None:
            signs = self._find(part, text)
            if len(text) <= _LONGEST_REMEMBERED:
                self._remember(key, signs)
        return signs

    def _remember(self, key: tuple[str, str], signs: Signs) -> None:
        if len(self._remembered) >= MOST_REMEMBERED or self._remembered_bytes > _MOST_REMEMBERED_BYTES:
            self._remembered.clear()
            self._remembered_bytes = 0
        self._remembered[key] = signs
        self._remembered_bytes += len(key[1])

    def _find(self, part: str, text: str) -> Signs:
        wanted = self._signs.get(part, {})
        found: set[str] = set()
        for variant in _variants(text.encode("latin-1", "replace")):
            try:
                matches = self._matcher.match(variant)
            except GaveUp:
                self.gave_up += 1
                continue
            found.update(wanted[key] for m in matches if (key := (m.namespace, m.rule)) in wanted)
            if not found.isdisjoint(self._plain):
                break  # what is hidden behind an encoding would name no other threat; each variant costs 10 us
        return tuple(sorted(found))


def _join(one: Signs, other: Signs) -> Signs:
    return tuple(sorted({*one, *other})) if one and other else one or other


def _variants(raw: bytes) -> Iterator[bytes]:
    """The text as sent, and decoded once and twice where that changes it."""
    yield raw
    for _ in range(2):
        decoded = unquote_to_bytes(raw) if b"%" in raw else raw
        if decoded == raw:
            return
        yield decoded
        raw = decoded
