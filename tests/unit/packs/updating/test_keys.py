from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.updating.keys import load_signers, make_role_key, read_passphrase


def test_keys_are_found_again_in_all_folders(tmp_path: Path) -> None:
    made = [make_role_key(tmp_path / "a", "root"), make_role_key(tmp_path / "a", "root")]
    made.append(make_role_key(tmp_path / "b", "timestamp"))
    assert sorted(path.name for path in (tmp_path / "a").glob("*.pem")) == ["root-1.pem", "root-2.pem"]
    signers = load_signers((tmp_path / "a", tmp_path / "b"))
    assert set(signers) == {signer.public_key.keyid for signer in made}
    with pytest.raises(WrongUse, match="no such folder"):
        load_signers((tmp_path / "c",))
    (tmp_path / "c").mkdir()
    with pytest.raises(WrongUse, match="holds no key"):
        load_signers((tmp_path / "c",))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WrongUse, match="can't be made"):
        make_role_key(tmp_path / "file" / "x", "root")


def test_keys_can_be_encrypted(tmp_path: Path) -> None:
    make_role_key(tmp_path / "a", "root", b"open sesame")
    assert b"ENCRYPTED" in (tmp_path / "a" / "root-1.pem").read_bytes()
    assert load_signers((tmp_path / "a",), b"open sesame")
    with pytest.raises(WrongUse, match="encrypted key"):
        load_signers((tmp_path / "a",))
    with pytest.raises(WrongUse, match="passphrase doesn't open it"):
        load_signers((tmp_path / "a",), b"wrong")


def test_the_passphrase_is_the_first_line_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "pass"
    file.write_bytes(b"open sesame\r\nmore\n")
    assert read_passphrase(file) == b"open sesame"
    assert read_passphrase(None) == b""
    file.write_bytes(b"\n")
    with pytest.raises(WrongUse, match="no passphrase"):
        read_passphrase(file)
    with pytest.raises(WrongUse, match="can't be read"):
        read_passphrase(tmp_path / "none")
