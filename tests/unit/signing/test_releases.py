import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.errors import Refused, WrongUse
from codered.signing.keys import is_signed, public_bytes, sign
from codered.signing.releases import (
    INSTALLED,
    MANIFEST,
    SIGNATURE,
    SUMS,
    open_release,
    parse_sums,
    render_sums,
    sign_sums,
)

KEY = Ed25519PrivateKey.generate()
PUBLIC = public_bytes(KEY)
DOCUMENT = (
    b'{"format": "codered/release/1", "version": "1.2.3", "commit": "abc", "time": "2026-01-02T03:04:05Z",'
    b' "python": "3.11.2", "files": []}'
)
INSTALLED_LINES = f"{'c' * 64}  codered/model/plan.py\n{'d' * 64}  codered_hq/a (b).html\n".encode()


def write_release(folder: Path, document: bytes = DOCUMENT, installed: bytes = INSTALLED_LINES) -> Path:
    bodies = {MANIFEST: document, INSTALLED: installed}
    for name, body in bodies.items():
        (folder / name).write_bytes(body)
    sums = render_sums("1.2.3", {name: hashlib.sha256(body).hexdigest() for name, body in bodies.items()})
    (folder / SUMS).write_bytes(sums)
    (folder / SIGNATURE).write_bytes(sign_sums(KEY, sums))
    return folder / MANIFEST


def test_what_the_publisher_signed_is_opened(tmp_path: Path) -> None:
    opened = open_release(write_release(tmp_path), PUBLIC)
    assert (opened.release.version, opened.release.commit) == ("1.2.3", "abc")
    assert opened.installed == {"codered/model/plan.py": "c" * 64, "codered_hq/a (b).html": "d" * 64}


@pytest.mark.parametrize("name", [SUMS, SIGNATURE, MANIFEST, INSTALLED])
def test_one_changed_byte_is_refused(tmp_path: Path, name: str) -> None:
    manifest = write_release(tmp_path)
    raw = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(raw[:-2] + bytes([raw[-2] ^ 1]) + raw[-1:])
    with pytest.raises(Refused, match=name.removesuffix(".sig")):
        open_release(manifest, PUBLIC)


def test_another_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not signed by that key"):
        open_release(write_release(tmp_path), public_bytes(Ed25519PrivateKey.generate()))


@pytest.mark.parametrize("name", [SUMS, SIGNATURE, MANIFEST, INSTALLED])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    manifest = write_release(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(WrongUse, match=f"{name}.*can't be read"):
        open_release(manifest, PUBLIC)


def test_a_signature_for_another_purpose_is_none_for_a_release(tmp_path: Path) -> None:
    manifest = write_release(tmp_path)
    sums = (tmp_path / SUMS).read_bytes()
    (tmp_path / SIGNATURE).write_bytes(sign(KEY, "codered/release/1", sums))
    with pytest.raises(Refused):
        open_release(manifest, PUBLIC)
    assert not is_signed(PUBLIC, "codered/release/1", sums, sign_sums(KEY, sums))


def test_a_list_that_does_not_say_what_it_is_for_is_neither_signed_nor_believed(tmp_path: Path) -> None:
    manifest = write_release(tmp_path)
    sums = (tmp_path / SUMS).read_bytes().split(b"\n", 1)[1]
    with pytest.raises(WrongUse, match="no list of a release"):
        sign_sums(KEY, sums)
    (tmp_path / SUMS).write_bytes(sums)
    (tmp_path / SIGNATURE).write_bytes(KEY.sign(sums))
    with pytest.raises(Refused):
        open_release(manifest, PUBLIC)


def test_a_manifest_of_another_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="not of the form codered/release/1"):
        open_release(write_release(tmp_path, document=b'{"format": "codered/release/9"}'), PUBLIC)


@pytest.mark.parametrize(
    "line",
    [
        f"{'a' * 63}  short",
        f"{'A' * 64}  capitals",
        f"{'a' * 64} one-space",
        f"{'a' * 64}  line\x1b[2J",
        f"{'a' * 64}  name\u00e4",
        f"{'a' * 64}  known",
    ],
)
def test_odd_lines_are_refused_with_their_number(line: str) -> None:
    raw = f"# talk\n{'b' * 64}  known\n{line}\n".encode()
    with pytest.raises(WrongUse, match="list:3"):
        parse_sums(raw, "list")


def test_a_list_is_written_in_one_order() -> None:
    sums = {"b": "1" * 64, "a": "2" * 64}
    assert render_sums("1.0", sums) == f"# codered/release/1 1.0\n{'2' * 64}  a\n{'1' * 64}  b\n".encode()
    assert parse_sums(render_sums("1.0", sums), "x") == sums
