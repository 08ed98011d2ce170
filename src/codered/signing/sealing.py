"""Documents under a signature, as headquarters and hosts exchange them: sealed for one purpose, opened for it alone."""

from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.errors import Refused, WrongUse
from codered.model.job import Sealed
from codered.signing.keys import is_signed, name_key, public_bytes, sign

MOST_SEALED = 64 << 20
"""Bytes of a sealed document as JSON."""

_Document = TypeVar("_Document", bound=msgspec.Struct)


def seal(document: msgspec.Struct, key: Ed25519PrivateKey, purpose: str) -> Sealed:
    """The document as JSON, under this key's signature for this purpose."""
    body = msgspec.json.encode(document)
    return Sealed(body=body, key=public_bytes(key), signature=sign(key, purpose, body))


def encode_sealed(sealed: Sealed) -> bytes:
    """As it travels: JSON."""
    return msgspec.json.encode(sealed)


def decode_sealed(raw: bytes, where: str) -> Sealed:
    """What travelled; nothing is verified yet. Raises WrongUse naming `where` it came from."""
    if len(raw) > MOST_SEALED:
        raise WrongUse("is larger than 64 MiB", where=where, advice="give a sealed document, unharmed")
    try:
        return msgspec.json.decode(raw, type=Sealed)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise WrongUse("is no sealed document", where=where, advice="give it as it was made, unharmed") from None


def open_sealed(
    sealed: Sealed, purpose: str, kind: type[_Document], *, keys: frozenset[bytes] | None, where: str
) -> _Document:
    """The document, if one of these raw public keys (None: whoever) signed it for this purpose. Raises Refused, and
    WrongUse for one of another form.
    """
    if not is_signed(sealed.key, purpose, sealed.body, sealed.signature):
        what = f"its signature is not one for {purpose}, or it was changed since"
        raise Refused(what, where=where, advice="have it made anew")
    if keys is not None and sealed.key not in keys:
        advice = "find out who that is, and trust that key if it may"
        raise Refused(f"is signed by {name_key(sealed.key)}, which is not trusted here", where=where, advice=advice)
    return read_body(sealed, kind, where)


def read_body(sealed: Sealed, kind: type[_Document], where: str) -> _Document:
    """What it says, whoever signed it: to answer to it, never to obey it. Raises WrongUse."""
    try:
        return msgspec.json.decode(sealed.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        story = ascii(str(error))[1:-1][:200]
        what, advice = f"is not of a form that is known here: {story}", "use the same version on both sides"
        raise WrongUse(what, where=where, advice=advice) from None
