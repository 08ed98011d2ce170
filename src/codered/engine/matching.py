"""Matching bytes against a compiled rule set. Holds the GIL while it scans: call it from worker processes."""

import io

import msgspec
import yara_x


class PatternMatch(msgspec.Struct, frozen=True):
    """One match of one string of a rule: its name with the `$`, offset and length in bytes."""

    pattern: str
    offset: int
    length: int


class RuleMatch(msgspec.Struct, frozen=True):
    """A rule that matched, with the first matches of its strings."""

    namespace: str
    rule: str
    patterns: tuple[PatternMatch, ...]


class GaveUp(Exception):
    """The engine did not finish with this data, and why; what it matched up to then is not to be trusted."""


class Matcher:
    """A compiled rule set ready to match. `seconds` bounds each call (0 = no bound); `most` bounds the matches kept for
    each string; `first_only` stops tracking a string after its first match where the condition allows.
    """

    def __init__(self, compiled: bytes, *, seconds: int = 0, most: int = 0, first_only: bool = False) -> None:
        self._rules = yara_x.Rules.deserialize_from(io.BytesIO(compiled))
        self._scanner = yara_x.Scanner(self._rules)
        if seconds:
            self._scanner.set_timeout(seconds)
        if most:
            self._scanner.max_matches_per_pattern(most)
        if first_only:
            self._scanner.fast_scan(True)

    def hits(self, data: bytes) -> bool:
        """Whether any rule matches. Raises GaveUp."""
        return bool(self._scan(data).matching_rules)

    def match(self, data: bytes) -> list[RuleMatch]:
        """The rules that match. Raises GaveUp."""
        return [
            RuleMatch(
                rule.namespace,
                rule.identifier,
                tuple(
                    PatternMatch(pattern.identifier, match.offset, match.length)
                    for pattern in rule.patterns
                    for match in pattern.matches
                ),
            )
            for rule in self._scan(data).matching_rules
        ]

    def offsets(self, data: bytes) -> list[int]:
        """Where any string of any rule matches, sorted. Raises GaveUp."""
        found = {
            match.offset
            for rule in self._scan(data).matching_rules
            for pattern in rule.patterns
            for match in pattern.matches
        }
        return sorted(found)

    def _scan(self, data: bytes) -> yara_x.ScanResults:
        try:
            return self._scanner.scan(data)
        except yara_x.TimeoutError:
            raise GaveUp("time limit reached") from None
        except yara_x.ScanError as error:
            raise GaveUp(str(error).splitlines()[0]) from None
