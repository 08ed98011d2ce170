"""The text of a Suricata or Snort rule: its header, its options in their order, and what a content stands for."""

import re
from collections.abc import Iterator

import msgspec

from codered.packs.importing.sigma_fields import Inexpressible

MOST_RULE = 20_000  # characters
MOST_OPTIONS = 200
_HEADER = re.compile(
    r"\s{0,20}(?P<action>alert|drop|reject|block|pass|log)\s{1,20}(?P<protocol>\w{1,20})\s{1,20}(?P<source>[^\s(]{1,2000})"
    r"\s{1,20}(?P<from>[^\s(]{1,2000})\s{1,20}(?P<way>->|<>)\s{1,20}(?P<target>[^\s(]{1,2000})\s{1,20}(?P<to>[^\s(]{1,2000})"
    r"\s{0,20}\((?P<options>.*)\)\s{0,20}",
)
_OPTION = re.compile(r"\s*([\w.]{1,60})\s*(?::((?:\\.|\"(?:\\.|[^\"\\])*\"|[^;\"\\])*))?;")
_CONTENT = re.compile(r"\\(.)|\|([0-9A-Fa-f ]{0,6000})\||([^\\|])")


class WireRule(msgspec.Struct, frozen=True):
    """A rule: its header's words, and its options with their values, in order."""

    action: str
    protocol: str
    source: str
    target: str
    ports: str
    options: tuple[tuple[str, str], ...]

    def first(self, name: str) -> str:
        """The value of the first such option without quotes, "" if there is none."""
        return next((value.strip('"') for key, value in self.options if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """The values of all such options."""
        return tuple(value for key, value in self.options if key == name)


def read_rule(line: str) -> WireRule:
    """A rule of one line. Raises Inexpressible for what can't be read."""
    if len(line) > MOST_RULE:
        raise Inexpressible(f"is longer than {MOST_RULE:,} characters")
    header = _HEADER.fullmatch(line)
    if header is None:
        raise Inexpressible("can't be read: its header is not ACTION PROTOCOL SOURCE PORTS -> TARGET PORTS (OPTIONS)")
    options = tuple(_read_options(header["options"]))
    if len(options) > MOST_OPTIONS:
        raise Inexpressible(f"has more than {MOST_OPTIONS} options")
    return WireRule(header["action"], header["protocol"], header["source"], header["target"], header["to"], options)


def _read_options(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = _OPTION.match(text, at)
        if found is None:
            raise Inexpressible(f"can't be read: its options at {text[at : at + 30]!r}")
        yield found[1], (found[2] or "").strip()
        at = found.end()


def read_content(value: str) -> bytes:
    """The bytes that a content in quotes stands for. Raises Inexpressible."""
    text = value.strip()
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise Inexpressible("a content has no quotes")
    made, at = bytearray(), 0
    inner = text[1:-1]
    while at < len(inner):
        found = _CONTENT.match(inner, at)
        if found is None:
            raise Inexpressible("a content can't be read")
        escaped, digits, plain = found.groups()
        try:
            made += bytes.fromhex(digits) if digits is not None else (escaped or plain).encode()
        except ValueError:
            raise Inexpressible("a content has odd hexadecimal digits") from None
        at = found.end()
    if not made:
        raise Inexpressible("a content is empty")
    return bytes(made)
