"""TLS as a sweep meets it: a server with a certificate that nobody trusts, old versions, and what is no TLS."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec.structs import replace

from codered_hq.probing.wrapping import HandshakeFailed, Wrapping, make_context
from tests.fixtures.sweep_runs import QUICK, list_probes, make_job, run
from tests.fixtures.web_answers import keep_silent, pages, say, serving


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody.invalid")])
    day = datetime.datetime(2001, 7, 19, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), day, day)
    made = builder.sign(key, hashes.SHA256())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    return path


def serve_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.MINIMUM_SUPPORTED])
def test_every_version_of_tls_is_asked(certificate: Path, newest: ssl.TLSVersion) -> None:
    context = serve_tls(certificate)
    if newest is ssl.TLSVersion.MINIMUM_SUPPORTED:  # the oldest that this OpenSSL speaks at all
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = newest
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    else:
        context.maximum_version = newest
    names: list[str] = []
    context.sni_callback = lambda _link, name, _context: names.append(name or "")
    site = pages({"/": b"<title>inert</title>" + b"x" * 50_000})
    with serving({"127.8.0.1": site}, context=context) as servers:
        hosts = ("", "www.example.org")
        swept = run(make_job("127.8.0.1", ports=(), tls_ports=(servers.port,), hosts=hosts, probes=list_probes()))
    (port,) = swept.addresses["127.8.0.1"].ports
    assert (port.state, port.tls, port.title) == ("clean", True, "inert")
    assert {check.host for check in port.checks} == set(hosts)
    assert set(names) == set(hosts)
    assert len(servers.asked) == 8


def test_what_is_no_tls_settles_nothing() -> None:
    sites = {
        "127.8.0.1": pages({"/": b""}),
        "127.8.0.2": keep_silent(3),
        "127.8.0.3": say(b"\x15\x03\x01\x00\x02\x02\x28"),
    }
    with serving(sites) as servers:
        limits = replace(QUICK, answer_seconds=0.4)
        swept = run(make_job(*sites, ports=(), tls_ports=(servers.port,), limits=limits))
    assert set(swept.states().values()) == {"undetermined"}
    assert all("TLS refused" in result.reason for result in swept.addresses.values())


def test_rubbish_ends_a_handshake() -> None:
    wrapping = Wrapping(make_context(), "")
    assert not wrapping.shake(b"")
    assert wrapping.pull()[0] == 0x16
    with pytest.raises(HandshakeFailed):
        wrapping.shake(b"HTTP/1.1 400 Bad Request\r\n\r\n")
