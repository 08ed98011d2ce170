import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.errors import Refused, WrongUse
from codered.signing.keys import name_key, public_bytes
from codered.signing.sealing import encode_sealed, seal
from codered_hq.rules.samples import read_sample
from codered_hq.rules.signing import SignedRules, open_signed, sign_rules

KEY = Ed25519PrivateKey.generate()
KEYS = frozenset([public_bytes(KEY)])


def test_signed_rules_come_back_byte_by_byte() -> None:
    raw, signer = open_signed(sign_rules(read_sample(), KEY), KEYS, "rules")
    assert raw == read_sample()
    assert signer == name_key(public_bytes(KEY))


def test_what_does_not_load_is_not_signed() -> None:
    with pytest.raises(WrongUse, match="lacks the key"):
        sign_rules(b"title: x", KEY)


def test_another_key_another_purpose_and_a_changed_byte_are_refused() -> None:
    signed = sign_rules(read_sample(), KEY)
    for keys in (frozenset[bytes](), frozenset([public_bytes(Ed25519PrivateKey.generate())])):
        with pytest.raises(Refused, match="not trusted here"):
            open_signed(signed, keys, "rules")
    other = encode_sealed(seal(SignedRules(raw=read_sample()), KEY, "codered/job/1"))
    with pytest.raises(Refused, match="signature"):
        open_signed(other, KEYS, "rules")
    envelope = msgspec.json.decode(signed)
    envelope["body"] = ("B" if envelope["body"][40] == "A" else "A").join(
        [envelope["body"][:40], envelope["body"][41:]]
    )
    with pytest.raises(Refused, match="signature"):
        open_signed(msgspec.json.encode(envelope), KEYS, "rules")
    for junk in (b"", b"{}", read_sample(), signed[:-2], b"\xff" * 40):
        with pytest.raises(WrongUse, match="no sealed document"):
            open_signed(junk, KEYS, "rules")
