"""The certificate of the console: its own, kept and renewed, or one that was given."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from codered.model.errors import WrongUse
from codered_hq.serving.certificates import (
    HELD,
    find_or_make_certificate,
    make_context,
    read_certificate,
)

NAMES = ["localhost", "127.0.0.1", "::1", "war.corp.example"]


def test_it_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    made = find_or_make_certificate(tmp_path, NAMES, now)
    assert made.key.stat().st_mode & 0o777 == 0o600
    assert len(made.fingerprint.split(":")) == 32
    assert find_or_make_certificate(tmp_path, NAMES[:2], now + timedelta(days=300)) == made
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["console.crt", "console.tls"]
    read = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    named = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert named.get_values_for_type(x509.DNSName) == ["localhost", "war.corp.example"]
    assert [str(address) for address in named.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


@pytest.mark.parametrize(
    ("days", "names"), [(HELD.days - 29, NAMES), (HELD.days + 1, NAMES), (1, [*NAMES, "10.0.0.9"])]
)
def test_it_is_renewed_before_it_ends_and_for_a_new_name(tmp_path: Path, days: int, names: list[str]) -> None:
    now = datetime.now(UTC)
    first = find_or_make_certificate(tmp_path, NAMES, now)
    second = find_or_make_certificate(tmp_path, names, now + timedelta(days=days))
    assert second.fingerprint != first.fingerprint
    assert second.ends > first.ends


def test_what_is_broken_is_made_anew(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    made = find_or_make_certificate(tmp_path, NAMES, now)
    made.certificate.write_text("not PEM")
    assert find_or_make_certificate(tmp_path, NAMES, now).fingerprint != made.fingerprint


def test_tls_is_new_enough(tmp_path: Path) -> None:
    context = make_context(find_or_make_certificate(tmp_path, NAMES, datetime.now(UTC)))
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_one_that_was_given(tmp_path: Path) -> None:
    made = find_or_make_certificate(tmp_path, NAMES, datetime.now(UTC))
    assert read_certificate(made.certificate, made.key) == made
    other = find_or_make_certificate(tmp_path / "other", NAMES, datetime.now(UTC))
    with pytest.raises(WrongUse, match="can't be used as the key"):
        read_certificate(made.certificate, other.key)
    with pytest.raises(WrongUse, match="can't be used as the key"):
        read_certificate(made.certificate, tmp_path / "none")
    with pytest.raises(WrongUse, match="is no certificate"):
        read_certificate(made.key, made.key)
    old = find_or_make_certificate(tmp_path / "old", NAMES, datetime.now(UTC) - HELD - timedelta(days=2))
    with pytest.raises(WrongUse, match="this certificate ended on"):
        read_certificate(old.certificate, old.key)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no such file"):
        read_certificate(tmp_path / "none.pem", tmp_path / "none.key")
