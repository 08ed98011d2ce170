"""Hostile texts as the values of records. What does not fit raises Unfit with the reason; nothing is guessed."""

import ipaddress
import re
import unicodedata
from functools import cache
from importlib import resources
from socket import AF_INET, inet_ntop, inet_pton
from typing import TypeVar

import msgspec

from codered.export.writing.escaping import is_visible

_T = TypeVar("_T")
MOST_TEXT = 255
MOST_NOTE = 4000
MOST_TAG = 64
MOST_LIST = 100
_NAME = re.compile(r"[^\W_][\w.-]{0,252}|_[\w.-]{1,252}")
_MAC = re.compile(r"(?:[0-9a-f]{1,2}[:-]){5}[0-9a-f]{1,2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}|[0-9a-f]{6}-?[0-9a-f]{6}")
_BARE = str.maketrans("", "", ":-. ")


class Unfit(Exception):
    """A value that is not taken, and why: one short reason."""


class NoRecord(Unfit):
    """A value that is in order, and says nothing of one machine of ours: no fault of the source."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """words.json: what people write and what it means."""

    criticality: dict[str, str]
    truth: dict[str, bool]
    no_name: frozenset[str]
    every_name: frozenset[str]


class NoMachine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of macs.json: what an Ethernet address begins with that belongs to no one machine."""

    prefix: str
    why: str


@cache
def read_words() -> Words:
    """The table of words."""
    return msgspec.json.decode(read_data("words.json"), type=Words)


@cache
def _read_no_machines() -> tuple[NoMachine, ...]:
    return msgspec.json.decode(read_data("macs.json"), type=tuple[NoMachine, ...])


def read_data(name: str) -> bytes:
    """A data file of this room."""
    return resources.files(__package__).joinpath(name).read_bytes()


def show(text: str, most: int = 60) -> str:
    """A hostile text for a reason: printable and short."""
    cut = text if len(text) <= most else text[:most] + "…"
    return "".join(c if is_visible(c) else c.encode("unicode_escape").decode() for c in cut)


def read_address(text: str) -> str:
    """An address of one machine as `ipaddress` writes it; IPv4 in IPv6 becomes IPv4. Raises Unfit."""
    text = text.strip()
    try:  # nearly all are plain IPv4, and there are many
        raw = inet_pton(AF_INET, text)
    except (OSError, ValueError):
        return _read_rare_address(text)
    return inet_ntop(AF_INET, raw) if 0 < raw[0] < 224 and raw[0] not in (127, 169) else _read_rare_address(text)


def _read_rare_address(text: str) -> str:
    if len(text) > 64:
        raise Unfit("not an address: too long")
    if "%" in text:
        text = text.partition("%")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Unfit(f"not an address: {show(text)}") from None
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_unspecified or address.is_multicast or address.is_loopback or int(address) == 0xFFFFFFFF:
        raise NoRecord(f"{address} is no address of one machine")
    if address.is_link_local:
        raise NoRecord(f"{address} is link-local: it says nothing beyond its own cable")
    return str(address)


def read_range(text: str, mask: str = "") -> tuple[str, str]:
    """A range as CIDR, and what was changed about it ("" = nothing). Raises Unfit."""
    written = f"{text.strip()}/{mask.strip()}" if mask.strip() else text.strip()
    if len(written) > 128:
        raise Unfit("not a range: too long")
    if "-" in written:
        return _read_span(written)
    written = written.replace(" ", "/", 1)
    try:
        network = ipaddress.ip_network(written, strict=False)
    except ValueError:
        raise Unfit(f"not a range: {show(written)}") from None
    mapped = network.network_address.ipv4_mapped if isinstance(network, ipaddress.IPv6Network) else None
    if network.prefixlen == 0 or mapped or network.is_multicast or network.is_loopback or network.is_link_local:
        raise Unfit(f"{show(written)} is no subnet of an enterprise")
    host_part = written.partition("/")[0].strip()
    changed = ipaddress.ip_address(host_part) != network.network_address
    return str(network), f"{show(written)} has host bits: taken as {network}" if changed else ""


def _read_span(written: str) -> tuple[str, str]:
    first, _, last = written.partition("-")
    try:
        low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
        parts = list(ipaddress.summarize_address_range(low, high))
    except (ValueError, TypeError):
        raise Unfit(f"not a range: {show(written)}") from None
    if len(parts) != 1:
        raise Unfit(f"{show(written)} is not one CIDR range: write the {len(parts)} that it is made of")
    return read_range(str(parts[0]))


def read_mac(text: str) -> str:
    """An Ethernet address of one machine, lower case with colons. Raises Unfit."""
    low = text.strip().lower()
    if not _MAC.fullmatch(low):
        raise Unfit(f"not an Ethernet address: {show(text)}")
    if ":" in low or low.count("-") == 5:
        mac = ":".join(part.zfill(2) for part in low.replace("-", ":").split(":"))
    else:
        bare = low.translate(_BARE)
        mac = ":".join(bare[at : at + 2] for at in range(0, 12, 2))
    if mac in ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"):
        raise Unfit(f"{mac} belongs to no machine")
    if int(mac[1], 16) & 1:
        raise Unfit(f"{mac} is a multicast address")
    for row in _read_no_machines():
        if mac.startswith(row.prefix):
            raise NoRecord(f"{mac} is {row.why}")
    return mac


def read_client_id(text: str) -> str:
    """The Ethernet address in a DHCP client identifier (type 1 and six octets). Raises Unfit."""
    bare = text.strip().lower().translate(_BARE)
    if len(bare) == 14 and bare.startswith("01"):
        return read_mac(bare[2:])
    raise Unfit(f"not an Ethernet address: {show(text)}")


def read_name(text: str) -> str:
    """A host's name, lower case without a final dot; "" where the source writes that it has none. Raises Unfit."""
    name = text.strip().lower()
    if not name or name in read_words().no_name:
        return ""
    name = name.removesuffix(".")
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    if not _NAME.fullmatch(name):
        raise Unfit(f"not a host's name: {show(text)}")
    if name in read_words().every_name:
        raise NoRecord(f"{name} tells no machine from another")
    if name.replace(".", "").isdigit():
        raise Unfit(f"not a host's name but a number: {show(text)}")
    return name


def read_text(text: str, most: int = MOST_TEXT, *, lines: bool = False) -> str:
    """Plain text of at most `most` characters, each of them seen (with `lines`, also line ends). Raises Unfit."""
    text = text.strip()
    if len(text) > most:
        raise Unfit(f"longer than {most} characters: {show(text, 30)}")
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text)
    if not all(is_visible(c) or (lines and c == "\n") for c in text):
        raise Unfit(f"characters that can't be seen: {show(text)}")
    return text


def read_list(text: str | list[str], most: int = MOST_TEXT) -> tuple[str, ...]:
    """Words, by commas, semicolons or line ends, each once, in their order. Raises Unfit."""
    parts = text if isinstance(text, list) else re.split(r"[,;\n]", text)
    words = dict.fromkeys(word for part in parts if (word := read_text(part, most)))
    if len(words) > MOST_LIST:
        raise Unfit(f"more than {MOST_LIST} words")
    return tuple(words)


def read_number(text: str, most: int) -> int:
    """A number from 0 to `most`. Raises Unfit."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9) or int(text) > most:
        raise Unfit(f"not a number from 0 to {most}: {show(text)}")
    return int(text)


def read_word(words: dict[str, _T], text: str) -> _T:
    """What the word means by the table. Raises Unfit."""
    low = text.strip().lower()
    if low not in words:
        raise Unfit(f"{show(text)} is none of {', '.join(words)}")
    return words[low]


def read_choice(choices: tuple[str, ...], text: str) -> str:
    """One of the words. Raises Unfit."""
    low = text.strip().lower()
    if low not in choices:
        raise Unfit(f"{show(text)} is none of {', '.join(choices)}")
    return low
