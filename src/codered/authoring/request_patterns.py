"""Requests generalised: what is the same in all of them stays, what varies becomes a bounded class."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote_to_bytes

import msgspec

from codered.authoring.words import find_secrets

MOST_TEXT = 600  # characters of a request that are generalised
_MOST_PARTS = 160
_TOKEN = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3}){3})|([A-Za-z0-9])\2{15,}|[A-Za-z0-9]+|[^A-Za-z0-9]")
_SPECIAL = frozenset("\\.+*?()[]{}^$|")
_ADDRESS = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
_CODED = "A-Za-z0-9%+/=_.~-"
_MOST_SEARCHED = 8000  # characters of a request in which secrets are looked for
_RANDOM = 20  # characters from which a word of letters and digits is taken for a random one


class _Secret(str):
    """A word of a request that is a token, key or password: it never stays."""

    __slots__ = ()


class Piece(msgspec.Struct, frozen=True):
    """A part of a pattern: `text` that stays, or a `pattern` for what varies; `example` is a text that fits."""

    text: str = ""
    pattern: str = ""
    example: str = ""

    def source(self) -> str:
        """As a regular expression."""
        return self.pattern or "".join(map(escape, self.text))

    def shown(self) -> str:
        """A text that fits."""
        return self.text or self.example


class RequestPattern(msgspec.Struct, frozen=True):
    """Pieces one after the other; `whole`: they are the whole request, not just its beginning."""

    pieces: tuple[Piece, ...]
    whole: bool = True

    def source(self) -> str:
        """The regular expression, without what may stand before and behind it."""
        return "".join(piece.source() for piece in self.pieces)

    def example(self) -> str:
        """A text that fits."""
        return "".join(piece.shown() for piece in self.pieces)

    def constants(self) -> list[str]:
        """The texts that stay, joined where they touch."""
        joined: list[str] = [""]
        for piece in self.pieces:
            joined = [*joined[:-1], joined[-1] + piece.text] if piece.text else [*joined, ""]
        return [text for text in joined if text]


def escape(character: str) -> str:
    """A character as it stands in a regular expression."""
    if not 32 <= ord(character) < 127:
        return f"\\x{ord(character) & 255:02x}"
    return f"\\{character}" if character in _SPECIAL else character


def decode(request: str) -> str:
    """The request with its percent codes resolved, twice at most, if what comes out is printable; else as it is."""
    text = request
    for _ in range(2):
        decoded = unquote_to_bytes(text.encode("latin-1", "replace")).decode("latin-1")
        if not (decoded.isascii() and decoded.isprintable()):
            break
        text = decoded
    return text


def generalise(requests: Sequence[str]) -> RequestPattern:
    """One pattern for all of these requests (at least one): word by word if they have the same words, else what they
    begin with.
    """
    whole = all(len(request) <= MOST_TEXT for request in requests)
    split = [_split(request)[:_MOST_PARTS] for request in dict.fromkeys(requests)]
    if len({len(words) for words in split}) == 1 and _fits(split):
        return RequestPattern(tuple(_merge(words) for words in zip(*split, strict=True)), whole)
    shortest = min(map(len, split))
    same = next((n for n in range(shortest) if len({words[n] for words in split}) > 1), shortest)
    return RequestPattern(tuple(_merge(words) for words in zip(*(w[:same] for w in split), strict=True)), False)


def skeleton(request: str) -> tuple[str, ...]:
    """What requests of one kind have in common: the path with numbers and random words left out, and the names of the
    query's values.
    """
    path, _, query = request.partition("?")
    names = tuple(sorted({part.partition("=")[0][:40] for part in query.split("&")[:20]})) if query else ()
    return (re.sub(r"[0-9]+|[A-Za-z0-9]{20,}|(.)\1{15,}", "*", path[:MOST_TEXT]), *names)


def _split(request: str) -> list[str]:
    """The words of the first MOST_TEXT characters. What is secret is one word, and told by all of the request."""
    text, at = request[:MOST_TEXT], 0
    words: list[str] = []
    for start, end in [*find_secrets(request[:_MOST_SEARCHED]), (MOST_TEXT, MOST_TEXT)]:
        words += [match[0] for match in _TOKEN.finditer(text[at:start])]
        if secret := text[start:end]:
            words.append(_Secret(secret))
        at = max(at, end)
    return words


def _fits(split: list[list[str]]) -> bool:
    """Whether the marks between the words are the same everywhere."""
    return all(len(set(words)) == 1 or all(_is_word(word) for word in words) for words in zip(*split, strict=True))


def _is_word(word: str) -> bool:
    return word.isalnum() or isinstance(word, _Secret) or re.fullmatch(_ADDRESS, word) is not None


def _merge(words: Iterable[str]) -> Piece:
    given = list(words)
    found = list(dict.fromkeys(given))
    if all(re.fullmatch(_ADDRESS, word) for word in found):
        return Piece(pattern=_ADDRESS, example="192.0.2.1")
    first, longest = found[0], max(map(len, found))
    shortest = min(map(len, found))
    if any(isinstance(word, _Secret) for word in given):
        low = max(min(shortest // 2, 8), 1)
        return Piece(pattern=f"[{_CODED}]{{{low},{max(longest * 2, 200)}}}", example="1" * shortest)
    if shortest >= 16 and all(set(word) == set(first[:1]) for word in found):
        return Piece(pattern=f"{escape(first[0])}{{16,{max(longest * 2, 1000)}}}", example=first[0] * shortest)
    random = shortest >= _RANDOM and any(map(str.isdigit, first)) and any(map(str.isalpha, first))
    if len(found) == 1 and not random:
        return Piece(text=first)
    low, high = max(shortest // 2, 1), longest * 2
    members = "0-9" if all(word.isdigit() for word in found) else "A-Za-z0-9"
    if not all(word.isalnum() and word.isascii() for word in found):
        members = "!-~"
    return Piece(pattern=f"[{members}]{{{low},{high}}}", example="1" * shortest)
