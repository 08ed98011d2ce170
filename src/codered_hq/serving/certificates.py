"""The certificate that the console shows: one that was given, or one of its own, made and renewed by itself."""

import ipaddress
import os
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from codered.model.errors import WrongUse

CERTIFICATE_NAME: Final = "keys/console.crt"
KEY_NAME: Final = "keys/console.tls"
HELD: Final = timedelta(days=397)
"""Longer ones are refused by browsers."""
RENEWED_BEFORE: Final = timedelta(days=30)
MOST_BYTES: Final = 1 << 20
_ADVICE: Final = "name a certificate (with its chain) and its key, both as PEM"


class Certificate(NamedTuple):
    """Files with a certificate and its key (PEM), the SHA-256 fingerprint as AA:BB:…, and when it ends."""

    certificate: Path
    key: Path
    fingerprint: str
    ends: datetime


def read_certificate(certificate: Path, key: Path) -> Certificate:
    """One that was given. Raises WrongUse if it is none, has ended, or isn't the key's."""
    found = _read(certificate)
    if found is None:
        if not certificate.exists():
            raise WrongUse("no such file", where=str(certificate), advice=_ADVICE)
        raise WrongUse("is no certificate", where=str(certificate), advice=_ADVICE)
    if found.not_valid_after_utc < datetime.now(UTC):
        ended = f"{found.not_valid_after_utc:%Y-%m-%d}"
        raise WrongUse(f"this certificate ended on {ended}", where=str(certificate), advice="name a newer one")
    made = _describe(found, certificate, key)
    make_context(made)
    return made


def find_or_make_certificate(folder: Path, names: Sequence[str], at: datetime) -> Certificate:
    """The one in headquarters' folder; a new one if it ends soon or lacks a name (host names and addresses). Raises
    WrongUse.
    """
    place, key = folder / CERTIFICATE_NAME, folder / KEY_NAME
    found = _read(place) if key.exists() else None
    if found is None or found.not_valid_after_utc - at < RENEWED_BEFORE or set(names) - _list_names(found):
        try:
            found = _make(place, key, names, at)
        except OSError as error:
            what = f"can't be written: {error.strerror}"
            raise WrongUse(
                what, where=str(place.parent), advice="see that there is room, and that you may write there"
            ) from None
    return _describe(found, place, key)


def make_context(used: Certificate) -> ssl.SSLContext:
    """TLS 1.2 or newer with this certificate. Raises WrongUse."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(used.certificate, used.key, password=_refuse_password)
    except OSError as error:  # ssl.SSLError is one
        what = f"can't be used as the key of the certificate: {error.strerror or error.args[-1]}"
        raise WrongUse(what, where=str(used.key), advice=_ADVICE) from None
    return context


def _refuse_password() -> bytes:
    return b""  # a key that wants one is refused, nobody is asked at a terminal


def _read(place: Path) -> x509.Certificate | None:
    try:
        with open(os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            return x509.load_pem_x509_certificate(file.read(MOST_BYTES))
    except (OSError, ValueError):
        return None


def _describe(found: x509.Certificate, place: Path, key: Path) -> Certificate:
    fingerprint = found.fingerprint(hashes.SHA256()).hex(":").upper()
    return Certificate(place, key, fingerprint, found.not_valid_after_utc)


def _list_names(found: x509.Certificate) -> set[str]:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))}


def _make(place: Path, key_place: Path, names: Sequence[str], at: datetime) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CodeRed headquarters")])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + HELD)
        .add_extension(x509.SubjectAlternativeName([_make_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    _write(key_place, secret)
    _write(place, made.public_bytes(serialization.Encoding.PEM))
    return made


def _make_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = place.with_name(f"{place.name}.{os.getpid()}")
    with open(
        os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600), "wb"
    ) as file:
        file.write(content)
    beside.replace(place)
