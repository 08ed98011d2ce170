"""Judging a file's content by the packs' YARA rules: text at once, a binary only after an anchor was found in it."""

from typing import Literal, NamedTuple

import msgspec

from codered.engine import Matcher, RuleMatch
from codered.model.finding import Evidence
from codered.model.indicators import ContentIndicator
from codered.model.observation import Piece
from codered.model.pack import LoadedPack
from codered.model.ruleset import RuleSet

SECONDS_PER_PIECE = 30  # of engine time on one piece; a normal 64 MiB piece takes 0.1 s (measured)
MOST_MATCHES = 100  # kept per string: a file of nothing but matches otherwise costs 17 times as much (measured)
AROUND = 24  # bytes of context kept on either side of a match
MOST_EVIDENCE_BYTES = 96
MOST_EVIDENCE = 8

# What a file is taken for, so which scopes count. Text with NULs in it is both: one NUL must not switch off half of the
# rules.
Kinds = frozenset[Literal["text", "binary"]]
TEXT: Kinds = frozenset(("text",))
BINARY: Kinds = frozenset(("binary",))
BOTH: Kinds = TEXT | BINARY


class ContentHit(msgspec.Struct, frozen=True):
    """A rule that matched: the pack's name, the indicator (None = here the rule only serves file indicators), the rule,
    and the proof with offsets counted from the start of the file.
    """

    pack: str
    indicator: ContentIndicator | None
    rule: str
    evidence: tuple[Evidence, ...]


class Judged(NamedTuple):
    """What came of one piece: the rules that matched, and whether it holds an anchor of any rule."""

    hits: list[ContentHit]
    signs: bool


class Signatures:
    """The content rules of all packs, ready to judge one piece of a file after the other."""

    def __init__(self, rules: RuleSet) -> None:
        self._full = Matcher(rules.full, seconds=SECONDS_PER_PIECE, most=MOST_MATCHES)
        self._text = Matcher(rules.text, seconds=SECONDS_PER_PIECE, most=MOST_MATCHES)
        self._first = _gate(rules.first)
        self._first_text = _gate(rules.first_text) if rules.first_text else None
        self._always = Matcher(rules.always, seconds=SECONDS_PER_PIECE, most=MOST_MATCHES) if rules.always else None
        self._indicators = _by_rule(rules.packs)

    def inspect(self, piece: Piece, kinds: Kinds, asked: bool = False) -> Judged:
        """The rules that match this piece of a file of these kinds. `asked`: the file's place asks for its content, so
        it is tried on all rules without an anchor. Raises engine.GaveUp.
        """
        signs = self._has_signs(piece.data, kinds)
        if not (signs or asked or ("text" in kinds and self._first_text is None)):
            return Judged([], signs)
        return Judged(self._list_hits(self._full if "binary" in kinds else self._text, piece, kinds), signs)

    def inspect_always(self, piece: Piece, kinds: Kinds) -> Judged:
        """The rules of imported packs that match this piece: they have no anchors, so nothing tells which files they
        are for. Apart from `inspect`, so that one of them that does not finish costs no other hit. Raises
        engine.GaveUp.
        """
        return Judged(self._list_hits(self._always, piece, kinds) if self._always else [], False)

    def _list_hits(self, matcher: Matcher, piece: Piece, kinds: Kinds) -> list[ContentHit]:
        hits = []
        for match in matcher.match(piece.data):
            indicator = self._indicators.get((match.namespace, match.rule))
            speaks = indicator if indicator is not None and _in_scope(indicator, kinds) else None
            hits.append(ContentHit(match.namespace, speaks, match.rule, _prove(match, piece)))
        return hits

    def _has_signs(self, data: bytes, kinds: Kinds) -> bool:
        text = "text" in kinds and self._first_text is not None and self._first_text.hits(data)
        return text or ("binary" in kinds and self._first.hits(data))


def _gate(compiled: bytes) -> Matcher:
    return Matcher(compiled, seconds=SECONDS_PER_PIECE, most=1, first_only=True)


def _in_scope(indicator: ContentIndicator, kinds: Kinds) -> bool:
    return "files" in indicator.where and (indicator.scope == "any" or indicator.scope in kinds)


def _by_rule(packs: tuple[LoadedPack, ...]) -> dict[tuple[str, str], ContentIndicator]:
    return {(loaded.pack.name, item.rule): item for loaded in packs for item in loaded.pack.content}


def _prove(match: RuleMatch, piece: Piece) -> tuple[Evidence, ...]:
    seen: dict[str, Evidence] = {}
    for found in match.patterns:
        if found.pattern in seen or len(seen) == MOST_EVIDENCE:
            continue
        start = max(found.offset - AROUND, 0)
        end = min(found.offset + found.length + AROUND, start + MOST_EVIDENCE_BYTES)
        seen[found.pattern] = Evidence(
            what=f"string {found.pattern} of rule {match.rule}",
            data=piece.data[start:end],
            offset=piece.offset + found.offset,
        )
    return tuple(seen.values())
