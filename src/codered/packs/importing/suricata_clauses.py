"""What a Suricata or Snort rule asks of a request, as clauses of a log sign: contents and patterns of its buffers."""

import re
from importlib import resources

import msgspec

from codered.packs.importing.patterns import anchor, escape_bytes, find_literals, find_words, refuse_pattern
from codered.packs.importing.sigma_fields import Clause, Inexpressible, Part, Way
from codered.packs.importing.suricata_options import WireRule, read_content

_PCRE = re.compile(r'"?/(.*)/([A-Za-z]{0,12})"?', re.DOTALL)
_COUNT = re.compile(r"\d{1,5}")
NO_NOT = "its exceptions (`!`) are left out: it finds more"


class _Names(msgspec.Struct, frozen=True):
    buffers: dict[str, str]
    flags: dict[str, Part]
    silent: tuple[str, ...]
    placing: tuple[str, ...]
    wider: tuple[str, ...]


_NAMES = msgspec.json.decode(
    resources.files("codered.packs.importing").joinpath("suricata_options.json").read_bytes(), type=_Names
)


class _Piece(msgspec.Struct):
    """A content or pattern while its modifiers are read."""

    buffer: str
    pattern: str
    literal: tuple[str, ...]
    size: int
    at_start: bool = False
    at_end: bool = False
    behind: bool = False
    left_out: bool = False
    places: dict[str, str] = msgspec.field(default_factory=dict)  # its modifiers, settled when all are read


class ClauseReader:
    """Reads the options of one rule; `notes` say what is wider than the rule."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._pieces: list[_Piece] = []
        self._sticky = ""

    def read(self, rule: WireRule) -> tuple[Clause, ...]:
        """The clauses, which must all hold. Raises Inexpressible."""
        for name, value in rule.options:
            self._read_option(name, value)
        for piece in self._pieces:
            self._settle(piece)
        pieces = [piece for piece in self._pieces if not piece.left_out]
        if not pieces:
            raise Inexpressible("asks for no content or pattern of a request")
        for piece in pieces:
            if piece.buffer not in ("request", "method", "agent", "referer"):
                raise Inexpressible(f"asks for {piece.buffer or 'the raw payload'}, which no web log has")
        return tuple(_join(chain) for chain in _list_chains(pieces))

    def _read_option(self, name: str, value: str) -> None:
        if name in ("content", "uricontent"):
            self._add_content(value, "request" if name == "uricontent" else self._sticky)
        elif name == "pcre":
            self._add_pattern(value)
        elif name in _NAMES.buffers:
            self._choose_buffer(name, _NAMES.buffers[name])
        elif name.startswith(("http.", "http_")) or name in ("file_data", "file.data", "pkt_data"):
            self._choose_buffer(name, name)
        elif name in _NAMES.placing:
            self._place(name, value)
        elif name in _NAMES.wider or (name == "flowbits" and value.startswith(("set", "unset", "toggle"))):
            self.notes.append(f"`{name}` is not asked for: it finds more")
        elif name == "flow" and ("to_client" in value or "from_server" in value):
            raise Inexpressible("is about what the server answers")
        elif name not in _NAMES.silent:
            raise Inexpressible(f"asks for `{name}`, which no web log has")

    def _choose_buffer(self, name: str, buffer: str) -> None:
        """A name with a dot holds for what follows, one with an underscore for the content before it."""
        if "." in name or name in ("file_data", "pkt_data"):
            self._sticky = buffer
        elif not self._pieces:
            raise Inexpressible(f"has `{name}` before any content")
        else:
            self._pieces[-1].buffer = buffer

    def _add_content(self, value: str, buffer: str) -> None:
        if value.startswith("!"):
            self.notes.append(NO_NOT)
            self._pieces.append(_Piece(buffer, "", (), 0, left_out=True))
            return
        data = read_content(value)
        word = find_words(data.decode("latin-1"), in_path=True)
        self._pieces.append(_Piece(buffer, escape_bytes(data), (word,) if word else (), len(data)))

    def _add_pattern(self, value: str) -> None:
        if value.startswith("!"):
            self.notes.append(NO_NOT)
            return
        found = _PCRE.fullmatch(value.strip())
        if found is None:
            raise Inexpressible("a pattern can't be read")
        pattern, flags = found[1].replace('\\"', '"').replace("\\;", ";"), found[2]
        if set(flags) - set("imsR" + "".join(_NAMES.flags)):
            raise Inexpressible(f"its pattern has flags ({flags}) that no web log has a text for, or that change it")
        buffer = next((_NAMES.flags[flag] for flag in flags if flag in _NAMES.flags), self._sticky)
        if why := refuse_pattern(pattern):
            raise Inexpressible(why)
        try:
            pattern, at_start = anchor(pattern)
        except ValueError as error:
            raise Inexpressible(str(error)) from None
        behind = "R" in flags
        piece = _Piece(buffer, f"({pattern})" if "|" in pattern else pattern, find_literals(pattern), 0, at_start)
        if behind:
            piece.behind, piece.at_start = True, False
        self._pieces.append(piece)

    def _place(self, name: str, value: str) -> None:
        if not self._pieces:
            raise Inexpressible(f"has `{name}` before any content")
        self._pieces[-1].places[name] = value

    def _settle(self, piece: _Piece) -> None:
        """Decide where the piece must stand, from all its modifiers: an offset moves what a depth is counted from, a
        distance below 0 lets it stand before the end of the one before.
        """
        places = piece.places
        counts = {name: int(value) if _COUNT.fullmatch(value) else -1 for name, value in places.items()}
        at_first = counts.get("offset", 0) == 0
        exact = at_first and ("startswith" in places or (piece.size > 0 and counts.get("depth") == piece.size))
        piece.at_start = piece.at_start or exact
        piece.at_end = piece.at_end or "endswith" in places
        if "distance" in places or "within" in places:
            piece.behind = counts.get("distance", 0) >= 0
        kept = {"endswith"} | ({"startswith", "depth", "offset"} if exact else set())
        kept |= {name for name in ("offset", "distance") if counts.get(name) == 0}
        for name in places:
            if name not in kept:
                self.notes.append(f"`{name}` is not counted: it finds more")


def _list_chains(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Pieces that must stand one behind the other, together."""
    chains: list[list[_Piece]] = []
    for piece in pieces:
        if piece.behind and chains and chains[-1][-1].buffer == piece.buffer:
            chains[-1].append(piece)
        else:
            chains.append([piece])
    return chains


def _join(chain: list[_Piece]) -> Clause:
    if any(piece.at_start for piece in chain[1:]) or any(piece.at_end for piece in chain[:-1]):
        raise Inexpressible("asks for what can't be together")
    pattern = ".*".join(piece.pattern for piece in chain) + ("$" if chain[-1].at_end else "")
    literals = max((piece.literal for piece in chain), key=lambda words: min(map(len, words), default=0))
    part: Part = chain[0].buffer  # type: ignore[assignment]  # the caller has checked it
    return Clause(part, (Way(pattern, chain[0].at_start, literals),))
