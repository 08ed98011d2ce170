"""Rules of engagement under their approver's signature."""

from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.signing.keys import name_key
from codered.signing.sealing import decode_sealed, encode_sealed, open_sealed, seal
from codered_hq.rules.reading import read_rules

PURPOSE: Final = "codered/rules/1"


class SignedRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is signed: the file, byte by byte."""

    raw: bytes


def sign_rules(raw: bytes, key: Ed25519PrivateKey) -> bytes:
    """The rules under this key's signature, as a file. Raises WrongUse for rules that can't be read."""
    read_rules(raw, "rules")
    return encode_sealed(seal(SignedRules(raw=raw), key, PURPOSE))


def open_signed(signed: bytes, keys: frozenset[bytes], where: str) -> tuple[bytes, str]:
    """The rules' bytes and the name of the key that signed them, one of these raw public keys. Raises WrongUse for
    another kind of file, Refused if another key signed them, or they were changed since.
    """
    sealed = decode_sealed(signed, where)
    rules = open_sealed(sealed, PURPOSE, SignedRules, keys=keys, where=where)
    return rules.raw, name_key(sealed.key)
