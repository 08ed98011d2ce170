import pytest

from codered.evidence.container import NotKept
from codered.scan.evidence_secrets import Secrets, load_secrets


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
