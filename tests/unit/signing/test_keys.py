"""Ed25519 keys: kept for their owner only, never replaced; a signature is good for one purpose and one body."""

from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.signing.keys import (
    is_signed,
    load_or_make_key,
    load_private_key,
    load_public_key,
    load_trusted_keys,
    make_key,
    name_key,
    public_bytes,
    sign,
)

PURPOSE = "codered/baseline/1"


def test_a_new_key_is_kept_for_its_owner_and_found_again(tmp_path: Path) -> None:
    key = load_or_make_key(tmp_path / "keys" / "host.key")
    again = load_or_make_key(tmp_path / "keys" / "host.key")
    assert public_bytes(again) == public_bytes(key) == load_public_key(tmp_path / "keys" / "host.key.pub")
    assert (tmp_path / "keys" / "host.key").stat().st_mode & 0o777 == 0o600
    assert load_trusted_keys(tmp_path / "keys") == {public_bytes(key)}
    assert load_trusted_keys(tmp_path / "none") == frozenset()


def test_a_signature_is_good_for_one_key_one_purpose_and_one_body(tmp_path: Path) -> None:
    key, other = make_key(tmp_path / "a"), make_key(tmp_path / "b")
    signature = sign(key, PURPOSE, b"body")
    assert is_signed(public_bytes(key), PURPOSE, b"body", signature)
    assert not is_signed(public_bytes(other), PURPOSE, b"body", signature)
    assert not is_signed(public_bytes(key), "codered/custody/1", b"body", signature)
    assert not is_signed(public_bytes(key), PURPOSE, b"bodY", signature)
    for place in range(len(signature)):
        changed = bytearray(signature)
        changed[place] ^= 1
        assert not is_signed(public_bytes(key), PURPOSE, b"body", bytes(changed))
    assert not is_signed(b"short", PURPOSE, b"body", signature)
    assert name_key(public_bytes(key)) != name_key(public_bytes(other))


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    make_key(tmp_path / "a")
    before = (tmp_path / "a").read_bytes()
    with pytest.raises(WrongUse, match="can't be written"):
        make_key(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == before


def test_a_key_with_a_passphrase_is_opened_by_it_alone(tmp_path: Path) -> None:
    key = make_key(tmp_path / "a", b"open sesame")
    assert b"ENCRYPTED" in (tmp_path / "a").read_bytes()
    assert public_bytes(load_private_key(tmp_path / "a", b"open sesame")) == public_bytes(key)
    with pytest.raises(WrongUse, match="encrypted key"):
        load_private_key(tmp_path / "a")
    with pytest.raises(WrongUse, match="passphrase doesn't open it"):
        load_private_key(tmp_path / "a", b"wrong")
    make_key(tmp_path / "plain")
    assert load_private_key(tmp_path / "plain", b"not needed")


def test_what_is_no_key_of_ours_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path / "good")
    (tmp_path / "open").write_bytes((tmp_path / "good").read_bytes())
    (tmp_path / "open").chmod(0o644)
    (tmp_path / "junk").write_bytes(b"junk")
    (tmp_path / "junk").chmod(0o600)
    (tmp_path / "read").write_bytes(b"a-host-name")
    (tmp_path / "large").write_bytes(bytes(1 << 20))
    for name, story in (
        ("open", "others may read"),
        ("junk", "no private key"),
        ("good.pub", "no private key"),
        ("read", "no private key"),  # whoever may read it: it is none
        ("none", "No such file"),
        ("large", "no key file"),
        (".", "no key file|Is a directory"),
    ):
        with pytest.raises(WrongUse, match=story):
            load_private_key(tmp_path / name)
    for name in ("good", "junk", "none"):
        with pytest.raises(WrongUse):
            load_public_key(tmp_path / name)
