"""A time stamp (RFC 3161) of the seal, from an authority that the user names. The program openssl makes the request."""

import hashlib
import http.client
import os
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.evidence.custody import CustodyLog, CustodyStep, read_entries
from codered.evidence.standalone_verifier import STAMP, STAMP_PART
from codered.model.errors import CoverageIncomplete, WrongUse
from codered.model.evidence import CustodyEntry

SECONDS = 30
MOST_BYTES = 1 << 20  # of an answer
_ADVICE = "the container is sealed without it; try another authority"


def stamp_seal(container: Path, url: str, key: Ed25519PrivateKey, who: str) -> CustodyEntry:
    """Have the seal's hash time-stamped, keep the answer beside the manifest and enter it in the log. Whenever the
    machine stops, the container stays whole and this can be done again. Raises WrongUse for an URL that is none and a
    container that has its stamp, CoverageIncomplete if there is no stamp to be had, OSError.
    """
    demand_address(url)
    entries = read_entries(container)
    seal = next((one for one in entries if one.what == "seal"), None)
    if seal is None:
        raise WrongUse("was never sealed", where=str(container), advice="collect again")
    name = f"{seal.evidence_id}/{STAMP}"
    part, path = container / STAMP_PART, container / STAMP
    entered = next((one for one in entries if (one.what, one.evidence_id) == ("seal", name)), None)
    if entered is not None:
        if os.path.lexists(path) or not os.path.lexists(part):
            raise WrongUse("was stamped already", where=str(container), advice="codered evidence verify looks at it")
        part.rename(path)
        return entered
    answer = _ask(url, _make_request(seal.hash))
    _demand_granted(answer, seal.hash, url)
    part.unlink(missing_ok=True)  # of a machine that stopped before it was entered
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(answer)
        file.flush()
        os.fsync(file.fileno())
    step = CustodyStep(
        what="seal", evidence_id=name, who=who, size=len(answer),
        sha256_after=hashlib.sha256(answer).hexdigest(), why=f"time stamp of the seal by {url}"[:400],
    )  # fmt: skip
    log = CustodyLog(container, key, who=who)
    try:
        entry = log.add(step)
    finally:
        log.close()
    part.rename(path)
    return entry


def demand_address(url: str) -> None:
    """Raises WrongUse if this can't be the address of an authority."""
    try:
        parts = urllib.parse.urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and url.isprintable()
    except ValueError:
        good = False
    if not good or " " in url:
        what = "is no http or https address"
        raise WrongUse(what, where=ascii(url)[1:-1][:200], advice="give the URL of a time stamp authority")


def _make_request(digest: str) -> bytes:
    return _run_openssl(["ts", "-query", "-sha256", "-digest", digest, "-cert"], b"")


def _ask(url: str, request: bytes) -> bytes:
    head = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, request, head), timeout=SECONDS) as reply:  # noqa: S310
            answer: bytes = reply.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise CoverageIncomplete(f"no time stamp: {reason}", where=url, advice=_ADVICE) from None
    if len(answer) > MOST_BYTES:
        raise CoverageIncomplete("no time stamp: its answer is too large", where=url, advice=_ADVICE)
    return answer


def _demand_granted(answer: bytes, digest: str, url: str) -> None:
    """The answer must say that it is granted and hold this very hash. Its signature, and whom the certificate belongs
    to, is for the reader to check: `openssl ts -verify` with the authority's certificate.
    """
    shown = _run_openssl(["ts", "-reply", "-in", "/dev/stdin", "-text"], answer).decode(errors="backslashreplace")
    if "Status: Granted" not in shown or bytes.fromhex(digest) not in answer:
        raise CoverageIncomplete("no time stamp: it was not granted for this seal", where=url, advice=_ADVICE)


def _run_openssl(words: list[str], given: bytes) -> bytes:
    try:
        done = subprocess.run(["openssl", *words], input=given, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603, S607
    except (OSError, subprocess.TimeoutExpired) as error:
        what = f"no time stamp: {error}"
        raise CoverageIncomplete(what, where="openssl", advice="install the program openssl") from None
    if done.returncode:
        raise CoverageIncomplete("no time stamp: the answer is none", where="openssl ts", advice=_ADVICE)
    return done.stdout
