"""Adding up what speaks against a process, an autostart entry or an account that no pack knows."""

from typing import NamedTuple

import msgspec

from codered.engine import GaveUp, Matcher
from codered.model.finding import Confidence, Severity
from codered.model.heuristics import Heuristic, Heuristics, ObservationKind
from codered.model.ruleset import RuleSet, rule_of_hint

TEXT_FACT = "text:"
SECONDS_PER_TEXT = 5
MOST_TOLD = 4  # reasons in one sentence


class Judgement(msgspec.Struct, frozen=True):
    """What the heuristics say of one thing: all that hold, the heaviest first, and the sum of their weights."""

    holding: tuple[Heuristic, ...]
    weight: int
    confidence: Confidence
    severity: Severity
    because: str
    remedy: str

    @property
    def indicator(self) -> str:
        """The id of the heaviest heuristic, which the finding goes by."""
        return self.holding[0].id

    def attack(self) -> tuple[str, ...]:
        """The ATT&CK ids of all that hold."""
        return tuple(dict.fromkeys(name for rule in self.holding for name in rule.attack))


class Read(NamedTuple):
    """The facts a text gives (`text:NAME`), and for each where its pattern first matches: offset and length."""

    facts: frozenset[str]
    places: dict[str, tuple[int, int]]


NOTHING_READ = Read(frozenset(), {})


class HeuristicJudge:
    """The heuristics of a rule set, ready to judge."""

    def __init__(self, rules: RuleSet) -> None:
        self.heuristics: Heuristics = rules.heuristics
        self._matcher = Matcher(rules.hints, seconds=SECONDS_PER_TEXT, most=1) if rules.hints else None
        self._names = {rule_of_hint(name): name for name in rules.heuristics.patterns}

    def read(self, text: bytes) -> Read:
        """Which patterns match a text. A text the engine gives up on gives the fact `text-unreadable`."""
        if self._matcher is None or not text:
            return NOTHING_READ
        try:
            found = self._matcher.match(text)
        except GaveUp:
            return Read(frozenset(("text-unreadable",)), {})
        places = {
            TEXT_FACT + self._names[match.rule]: (match.patterns[0].offset, match.patterns[0].length)
            for match in found
            if match.patterns
        }
        return Read(frozenset(places), places)

    def judge(self, of: ObservationKind, kind: str, facts: frozenset[str]) -> Judgement | None:
        """The judgement over all heuristics whose facts hold; None if they do not add up to a finding."""
        holding = [rule for rule in self.heuristics.rules if rule.of == of and _holds(rule, kind, facts)]
        weight = sum(rule.weight for rule in holding)
        if weight < self.heuristics.suspicious:
            return None
        holding.sort(key=lambda rule: -rule.weight)
        likely = weight >= self.heuristics.likely
        return Judgement(
            holding=tuple(holding),
            weight=weight,
            confidence="likely" if likely else "suspicious",
            severity="high" if likely else "medium",
            because=_tell(holding, weight, self.heuristics),
            remedy=next((rule.remedy for rule in holding if rule.remedy), ""),
        )


def _holds(rule: Heuristic, kind: str, facts: frozenset[str]) -> bool:
    if rule.kinds and kind not in rule.kinds:
        return False
    return facts.issuperset(rule.when) and facts.isdisjoint(rule.unless)


def _tell(holding: list[Heuristic], weight: int, heuristics: Heuristics) -> str:
    reasons = "; ".join(rule.because.rstrip(".") for rule in holding[:MOST_TOLD])
    rest = len(holding) - MOST_TOLD
    more = f"; {rest} more reason{'s' if rest > 1 else ''}" if rest > 0 else ""
    level = "likely" if weight >= heuristics.likely else "suspicious"
    limit = heuristics.likely if level == "likely" else heuristics.suspicious
    return f"{reasons}{more} (weight {weight}; {limit} and more is {level})"
