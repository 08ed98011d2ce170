"""Chains of signed entries: each names the hash of the one before, so that none can be changed, taken out or moved.

The stand-alone verifier (evidence/standalone_verifier.py) says the same once more, because it must be one file.
"""

import hashlib
import json
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.signing.keys import is_signed, public_bytes, sign

NOTHING: Final = "0" * 64
"""What the first entry names as the one before it."""
BROKEN: Final = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading an entry that was tampered with may raise."""


def encode_canonical(fields: dict[str, Any]) -> bytes:
    """The one JSON text of an entry: keys sorted, no blanks, ASCII."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def seal_entry(fields: dict[str, Any], key: Ed25519PrivateKey, purpose: str) -> dict[str, Any]:
    """The entry with who signed it (`key`), its hash and its signature. Raises ValueError for what JSON can't hold."""
    body = fields | {"key": public_bytes(key).hex()}
    raw = encode_canonical(body)
    return body | {"hash": hashlib.sha256(raw).hexdigest(), "signature": sign(key, purpose, raw).hex()}


def judge_entry(entry: dict[str, Any], number: int, before: str, purpose: str) -> str:
    """What is wrong with an entry that should be this one of the chain, behind the one of that hash ("" = nothing).
    Raises one of BROKEN if it is none.
    """
    body = encode_canonical({name: value for name, value in entry.items() if name not in ("hash", "signature")})
    if hashlib.sha256(body).hexdigest() != entry["hash"]:
        return "was changed: its hash is another"
    if not is_signed(bytes.fromhex(entry["key"]), purpose, body, bytes.fromhex(entry["signature"])):
        return "was changed: its signature does not hold"
    if entry["seq"] != number or entry["prev"] != before:
        return "does not follow the one before: entries are missing or out of order"
    return ""
