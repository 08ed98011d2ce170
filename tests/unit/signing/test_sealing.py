import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered.model.job import ANSWER_PURPOSE, JOB_PURPOSE, Receipt, Sealed
from codered.signing import sealing
from codered.signing.keys import public_bytes

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
RECEIPT = Receipt(format="codered/receipt/1", path="/a", size=3, sha256="ab")
WHERE = "job.json"


def test_what_was_sealed_is_opened_for_its_purpose_and_by_its_key_alone() -> None:
    sealed = sealing.decode_sealed(sealing.encode_sealed(sealing.seal(RECEIPT, KEY, JOB_PURPOSE)), WHERE)
    mine = frozenset([public_bytes(KEY)])
    assert sealing.open_sealed(sealed, JOB_PURPOSE, Receipt, keys=mine, where=WHERE) == RECEIPT
    assert sealing.open_sealed(sealed, JOB_PURPOSE, Receipt, keys=None, where=WHERE) == RECEIPT
    with pytest.raises(Refused, match=r"job.json: its signature is not one for codered/answer/1"):
        sealing.open_sealed(sealed, ANSWER_PURPOSE, Receipt, keys=mine, where=WHERE)
    with pytest.raises(Refused, match=r"is signed by ed25519:[0-9a-f]{32}, which is not trusted here"):
        sealing.open_sealed(sealed, JOB_PURPOSE, Receipt, keys=frozenset([public_bytes(OTHER)]), where=WHERE)
    with pytest.raises(Refused, match="not trusted"):
        sealing.open_sealed(sealed, JOB_PURPOSE, Receipt, keys=frozenset(), where=WHERE)


def test_no_part_of_it_can_be_exchanged() -> None:
    sealed = sealing.seal(RECEIPT, KEY, JOB_PURPOSE)
    other = sealing.seal(RECEIPT, OTHER, JOB_PURPOSE)
    for changed in (
        {"body": sealed.body.replace(b"/a", b"/b")},
        {"body": sealed.body + b" "},
        {"key": other.key},
        {"signature": other.signature},
        {"key": b""},
        {"signature": b"x" * 10_000},
    ):
        harmed = msgspec.structs.replace(sealed, **changed)
        with pytest.raises(Refused, match="it was changed since"):
            sealing.open_sealed(harmed, JOB_PURPOSE, Receipt, keys=None, where=WHERE)


def test_what_is_too_large_or_of_another_form_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongUse, match=r"job.json: is no sealed document"):
        sealing.decode_sealed(b'{"body":"","key":"","signature":"","more":1}', WHERE)
    with pytest.raises(WrongUse, match="is no sealed document"):
        sealing.decode_sealed(b"[" * 100_000, WHERE)
    sealed = sealing.seal(RECEIPT, KEY, JOB_PURPOSE)
    with pytest.raises(WrongUse, match="is not of a form that is known here"):
        sealing.open_sealed(sealed, JOB_PURPOSE, Sealed, keys=None, where=WHERE)
    monkeypatch.setattr(sealing, "MOST_SEALED", 10)
    with pytest.raises(WrongUse, match="is larger than 64 MiB"):
        sealing.decode_sealed(b"x" * 11, WHERE)


@given(st.binary(max_size=200) | st.builds(lambda body: msgspec.json.encode({"body": body}), st.text()))
def test_anything_else_is_one_of_our_errors(raw: bytes) -> None:
    with pytest.raises(CodeRedError):
        sealing.open_sealed(sealing.decode_sealed(raw, WHERE), JOB_PURPOSE, Receipt, keys=None, where=WHERE)
