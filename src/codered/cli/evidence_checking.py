"""What `codered evidence verify` does: whether a container is as it was sealed, and by somebody who is trusted here."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from codered.cli.baselining import TRUSTED, trusted_keys
from codered.cli.evidence_options import CheckOptions
from codered.cli.output import show
from codered.evidence.standalone_verifier import Verdict, demand_hash, name_key, read_key, verify_container
from codered.model.errors import ExitCode, WrongUse

Result = TypeVar("Result")


def verify(asked: CheckOptions) -> int:
    """`codered evidence verify`. Without --key this host's key and those that are trusted here may have signed; what a
    published head vouches for anybody may have. Raises WrongUse.
    """
    keys = frozenset(_read(read_key, name, "give a public key (PEM, Ed25519)") for name in asked.key)
    head = _read(demand_hash, asked.head, "give the head that was published") if asked.head else ""
    advice = "give the folder or the zip of a container"
    verdict = _read(lambda name: verify_container(name, keys, head), asked.container, advice)
    strangers = verdict.signers - (keys or {key.hex() for key in trusted_keys()})
    names = sorted(map(name_key, strangers))
    if asked.as_json:
        ok = not verdict.problems and not names
        document = {"ok": ok, "problems": verdict.problems, "notes": verdict.notes, "untrusted_signers": names}
        show(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
    else:
        show("".join(f"{line}\n" for line in _tell(verdict, names)))
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


def _tell(verdict: Verdict, strangers: list[str]) -> list[str]:
    lines = [*verdict.notes, *(f"WRONG: {problem}" for problem in verdict.problems)]
    if verdict.problems:
        return [*lines, "NOT as it was sealed"]
    if not strangers:
        return [*lines, "as it was sealed"]
    what = f"signed by a key nobody here trusts: {', '.join(strangers)}: somebody may have made all of it anew"
    advice = f"give the key you know with --key, or the published head with --head, or put KEY.pub in {TRUSTED}/"
    return [*lines, what, advice, "NOT PROVEN: nothing says that this is what was sealed"]
