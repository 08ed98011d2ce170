from pathlib import Path

import pytest

from codered.evidence.container import NotKept
from codered.scan.evidence_secrets import Secrets, load_secrets, recognise_secrets
from codered.targets import open_target


@pytest.mark.parametrize(
    "rel",
    [
        b"etc/shadow", b"etc/gshadow-", b"root/.ssh/id_rsa", b"home/a/.ssh/id_ed25519", b"srv/x/SERVER.KEY",
        b"home/a/.pgpass", b"root/.my.cnf", b"var/www/html/wp-config.php", b"etc/ssh/ssh_host_ed25519_key",
        b"etc/ssl/private/x.pem", b"home/\xff/.netrc", b"srv/app/.env",
    ],
)  # fmt: skip
def test_secrets_are_known_by_name(rel: bytes) -> None:
    assert load_secrets().names_secret(rel)
    assert not Secrets().names_secret(rel)


@pytest.mark.parametrize(
    "rel",
    [b"etc/passwd", b"root/.ssh/authorized_keys", b"root/.ssh/id_rsa.pub", b"var/www/html/index.php", b"a/shadow.c"],
)
def test_other_files_are_none(rel: bytes) -> None:
    assert not load_secrets().names_secret(rel)


@pytest.mark.parametrize("cut", [1, 4, 7, 11, 100])
def test_a_private_key_is_seen_by_its_content_wherever_a_piece_ends(cut: int) -> None:
    text = b"x" * 9 + b"-----BEGIN OPENSSH PRIVATE" + b" KEY-----\n" + b"y" * 20
    pieces = [text[at : at + cut] for at in range(0, len(text), cut)]
    with pytest.raises(NotKept, match="--include-secrets"):
        list(load_secrets().guard(pieces))
    assert b"".join(Secrets().guard(pieces)) == text


def test_a_public_key_is_let_through() -> None:
    text = b"-----BEGIN PUBLIC KEY-----\n"
    assert list(load_secrets().guard([text])) == [text]


def test_only_the_start_of_a_log_is_looked_at_for_a_key() -> None:
    key = b"-----BEGIN RSA PRIVATE KEY-----\n"
    with pytest.raises(NotKept, match="--include-secrets"):
        list(load_secrets().guard_start([key, b"more"]))
    later = [b"x" * 50 + key, key]
    assert list(load_secrets().guard_start(later)) == later
    assert list(Secrets().guard_start([key])) == [key]


def test_secret_files_are_known_under_any_name_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/shadow").write_bytes(b"inert")
    (tmp_path / "plain").write_bytes(b"inert")
    (tmp_path / "etc/gshadow").symlink_to("../plain")
    (tmp_path / "other").hardlink_to(tmp_path / "etc/shadow")
    known = recognise_secrets(load_secrets(), open_target(str(tmp_path)))
    assert known.is_secret((tmp_path / "other").stat())
    assert not known.is_secret((tmp_path / "plain").stat())
    assert not load_secrets().is_secret((tmp_path / "other").stat())
