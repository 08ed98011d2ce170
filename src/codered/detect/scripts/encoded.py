"""Texts that hide others: how random they are, and what they decode to. All texts have one character a byte."""

import base64
import binascii
import codecs
import math
import quopri
import re
import zlib
from collections import Counter
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

MOST_DECODED = 1 << 20
"""Bytes that any decoding may give; what would be longer is cut."""

_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_RUN = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/=]{200,}+|(?:\\x[0-9A-Fa-f]{2}){50,}|(?:%[0-9A-Fa-f]{2}){50,}")
_NUMBERS = re.compile(r"[\[({,;.'\"]\s{0,2}(?:(?:0x)?[0-9A-Fa-f]{1,3}\s{0,2}[,;.]\s{0,2}){60,}")
_RAW_RUN = re.compile(r"[\x80-\xff]{60,}")


def measure_entropy(text: str) -> float:
    """How many bits a character of the text tells, 0 to 8: English prose is near 4.5, base64 near 6."""
    size = len(text)
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values()) if size else 0.0


def measure_encoded_share(text: str) -> float:
    """The share, 0 to 1, of a text's characters that stand in long runs of an encoding: base64, hex, numbers, bytes."""
    if not text:
        return 0.0
    long = any(len(word) >= 200 for word in text.split())  # quicker than to look for a run that can't be there
    forms = (_RUN, _NUMBERS, _RAW_RUN) if long else (_NUMBERS, _RAW_RUN)
    runs = (match.end() - match.start() for form in forms for match in form.finditer(text))
    return min(1.0, sum(runs) / len(text))


def decode_base64(text: str) -> str | None:
    """What base64 says, as leniently as script languages read it; None if nothing."""
    kept = _NOT_BASE64.sub("", text.replace("-", "+").replace("_", "/"))[: MOST_DECODED * 4 // 3 // 4 * 4]
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    return base64.b64decode(kept + "=" * (-len(kept) % 4)).decode("latin-1") or None


def decode_hex(text: str) -> str | None:
    """What pairs of hexadecimal digits say; None if it is something else."""
    try:
        return bytes.fromhex(text[: MOST_DECODED * 2]).decode("latin-1") or None
    except ValueError:
        return None


def inflate(text: str, window: int = 47) -> str | None:
    """What compressed data holds: `window` as zlib has it, -15 raw, 47 zlib or gzip. Damaged data gives what it can."""
    for start in (text, text[10:] if window == -15 and text.startswith("\x1f\x8b") else ""):
        unpacker = zlib.decompressobj(window)
        try:
            data = unpacker.decompress(start[:MOST_DECODED].encode("latin-1", "replace"), MOST_DECODED)
        except zlib.error:
            continue
        if data:
            return data.decode("latin-1")
    return None


def decode_url(text: str) -> str:
    """Percent signs taken away; `+` is a blank."""
    return unquote_to_bytes(text[:MOST_DECODED].replace("+", " ").encode("latin-1", "replace")).decode("latin-1")


def decode_uu(text: str) -> str | None:
    """What uuencoded lines say, without their head and tail."""
    told = []
    for line in text[:MOST_DECODED].splitlines():
        try:
            told.append(binascii.a2b_uu(line.encode("latin-1", "replace")))
        except binascii.Error:
            continue
    return b"".join(told).decode("latin-1") or None


def decode_quoted(text: str) -> str | None:
    """What quoted-printable says."""
    return quopri.decodestring(text[:MOST_DECODED].encode("latin-1", "replace")).decode("latin-1") or None


def rotate13(text: str) -> str:
    """Letters moved by thirteen."""
    return codecs.encode(text[:MOST_DECODED], "rot13")


DECODERS: dict[str, Callable[[str], str | None]] = {
    "base64": decode_base64,
    "hex": decode_hex,
    "inflate": lambda text: inflate(text, -15),
    "unzip": inflate,
    "url": decode_url,
    "uu": decode_uu,
    "quoted": decode_quoted,
    "rot13": rotate13,
    "reverse": lambda text: text[:MOST_DECODED][::-1],
}
"""Decodings by neutral names; a language's table says which of its functions does which."""
