"""What the `meta` of a YARA rule says, as the sign that a pack wants: reason, confidence, source, author, licence."""

import re
from importlib import resources

import msgspec

from codered.model.finding import SEVERITIES, Confidence, Severity
from codered.model.indicators import ContentIndicator
from codered.model.pack import Reference
from codered.packs.importing.imported import Ids, Sources, find_attack, lower_to, tidy
from codered.packs.importing.rule_names import NamedRule

_NUMBER = re.compile(r"-?\d{1,6}")
LIKELY_SCORE = 60  # of 100: below it a rule's author calls it something to look at
CONFIRMED_SCORE = 90


class _MetaNames(msgspec.Struct, frozen=True):
    """The names that authors give to the same thing, in small letters."""

    reason: tuple[str, ...]
    author: tuple[str, ...]
    licence: tuple[str, ...]
    reference: tuple[str, ...]
    score: tuple[str, ...]
    level: tuple[str, ...]
    severity: tuple[str, ...]


_NAMES = msgspec.json.decode(
    resources.files("codered.packs.importing").joinpath("meta_names.json").read_bytes(), type=_MetaNames
)


class RuleSigns:
    """Makes signs of rules; `most` is the highest confidence that an imported one may have."""

    def __init__(self, most: Confidence) -> None:
        self.content: list[ContentIndicator] = []
        self.authors: list[str] = []
        self.licences: list[str] = []
        self._most = most
        self._ids = Ids()
        self._sources = Sources("y")

    def add(self, rule: NamedRule) -> None:
        """A sign for a rule that is not private; who made a private one is kept too."""
        meta: dict[str, list[str]] = {}
        for key, value in rule.found.text.meta:
            meta.setdefault(key.lower(), []).append(value)
        self.authors += _values(meta, _NAMES.author)
        self.licences += _values(meta, _NAMES.licence)
        if rule.private:
            return
        titles = _values(meta, _NAMES.reference)[:3] or [rule.found.where.rpartition("/")[2]]
        reason = tidy(" ".join(_values(meta, _NAMES.reason)[:1]))
        self.content.append(
            ContentIndicator(
                id=self._ids.make(rule.name),
                because=reason or f"matches the imported rule {rule.name}",
                confidence=lower_to(_find_confidence(meta), self._most),
                severity=_find_severity(meta),
                references=tuple(dict.fromkeys(self._sources.name(title) for title in titles)),
                attack=find_attack((*rule.found.text.tags, *(value for values in meta.values() for value in values))),
                rule=rule.name,
                scope="any",
            )
        )

    def references(self) -> tuple[Reference, ...]:
        """What the signs rest on."""
        return self._sources.listed()


def _values(meta: dict[str, list[str]], names: tuple[str, ...]) -> list[str]:
    return [tidy(value) for name in names for value in meta.get(name, ()) if tidy(value)]


def _number(meta: dict[str, list[str]], names: tuple[str, ...]) -> int | None:
    found = [value for value in _values(meta, names) if _NUMBER.fullmatch(value)]
    return int(found[0]) if found else None


def _find_confidence(meta: dict[str, list[str]]) -> Confidence:
    """By a score of 100 or a threat level of 10, where the rule has one; a rule without is likely."""
    score, level = _number(meta, _NAMES.score), _number(meta, _NAMES.level)
    if score is None and level is not None:
        score = 10 * level
    if score is None:
        return "likely"
    return "confirmed" if score >= CONFIRMED_SCORE else "likely" if score >= LIKELY_SCORE else "suspicious"


def _find_severity(meta: dict[str, list[str]]) -> Severity:
    said = [value.lower() for value in _values(meta, _NAMES.severity)]
    return next((severity for severity in SEVERITIES if severity in said), "high")
