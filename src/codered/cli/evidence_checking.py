"""What `codered evidence verify` does: whether a container is as it was sealed, and by somebody who is trusted here."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from codered.cli.baselining import TRUSTED, trusted_keys
from codered.cli.evidence_options import CheckOptions
from codered.cli.output import show
from codered.evidence.standalone_verifier import (
    Verdict,
    demand_hash,
    is_ledger,
    name_key,
    read_key,
    verify_container,
)
from codered.model.errors import ExitCode, WrongUse
from codered.system.private_files import may_be_foreign
from codered.system.rights import is_administrator

Result = TypeVar("Result")
HEADQUARTERS_KEY = Path("keys", "headquarters.key.pub")
_NOT_PROVEN = "NOT PROVEN: nothing says that this is what was sealed"


def verify(asked: CheckOptions) -> int:
    """`codered evidence verify`. Without --key this host's key and those that are trusted here may have signed; what a
    published head vouches for anybody may have. Raises WrongUse.
    """
    keys = frozenset(_read(read_key, name, "give a public key (PEM, Ed25519)") for name in asked.key)
    head = _read(demand_hash, asked.head, "give the head that was published") if asked.head else ""
    advice = "give the folder or the zip of a container, or a ledger (JSON lines)"
    verdict = _read(lambda name: verify_container(name, keys, head), asked.container, advice)
    ledger = _is_ledger(asked.container)
    strangers = verdict.signers - (keys or {key.hex() for key in trusted_keys()} | (_read_own() if ledger else set()))
    names = sorted(map(name_key, strangers))
    if asked.as_json:
        ok = not verdict.problems and not names
        document = {"ok": ok, "problems": verdict.problems, "notes": verdict.notes, "untrusted_signers": names}
        show(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
    else:
        show("".join(f"{line}\n" for line in _tell(verdict, names, ledger and not head)))
    if verdict.problems:
        return ExitCode.FOUND
    return ExitCode.INCOMPLETE if names else ExitCode.CLEAN


def _read(read: Callable[[str], Result], given: str, advice: str) -> Result:
    """What is read of something that was given. Raises WrongUse."""
    try:
        return read(given)
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or str(error)
        raise WrongUse(what, where=getattr(error, "filename", None) or given, advice=advice) from None


def _is_ledger(path: str) -> bool:
    if os.path.isdir(path):
        return False
    with open(path, "rb") as file:
        return is_ledger(path, file)


def _place_of_headquarters_key() -> Path:
    """Where the key of a headquarters on this machine is: we know nothing of it but this."""
    if chosen := os.environ.get("CODERED_HQ"):
        return Path(chosen).absolute() / HEADQUARTERS_KEY
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    home = Path("/var/lib/codered-hq") if is_administrator() else Path(data) / "codered-hq"
    return home / HEADQUARTERS_KEY


def _read_own() -> set[str]:
    """The public key of the headquarters on this machine, if there is one that nobody else may have put there."""
    place = _place_of_headquarters_key()
    try:
        return set() if may_be_foreign(place.parents[1]) else {read_key(str(place))}
    except (OSError, ValueError):
        return set()


def _tell(verdict: Verdict, strangers: list[str], headless: bool) -> list[str]:
    lines = [*verdict.notes, *(f"WRONG: {problem}" for problem in verdict.problems)]
    if verdict.problems:
        return [*lines, "NOT as it was sealed"]
    if not strangers:
        return [*lines, "as it was sealed"]
    what = f"signed by a key nobody here trusts: {', '.join(strangers)}: somebody may have made all of it anew"
    if headless:
        key = f"--key {_place_of_headquarters_key()}, of the headquarters that wrote it"
        return [*lines, what, f"give its public key with {key}", _NOT_PROVEN]
    advice = f"give the key you know with --key, or the published head with --head, or put KEY.pub in {TRUSTED}/"
    return [*lines, what, advice, _NOT_PROVEN]
