"""What `codered evidence verify` does: whether a container is as it was sealed, and by somebody who is trusted here."""

import msgspec

from codered.cli.baselining import TRUSTED, trusted_keys
from codered.cli.evidence_options import CheckOptions
from codered.cli.output import show
from codered.evidence.standalone_verifier import Verdict, name_key, read_key, verify_container
from codered.model.errors import ExitCode, WrongUse


def verify(asked: CheckOptions) -> int:
    """`codered evidence verify`. Without --key this host's key and those that are trusted here may have signed; what a
    published head vouches for anybody may have. Raises WrongUse.
    """
    try:
        keys = frozenset(map(read_key, asked.key))
        verdict = verify_container(asked.container, keys, asked.head)
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or str(error)
        where = getattr(error, "filename", None) or asked.container
        raise WrongUse(what, where=str(where), advice="give a container's folder or zip, and PEM keys") from None
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


def _tell(verdict: Verdict, strangers: list[str]) -> list[str]:
    lines = [*verdict.notes, *(f"WRONG: {problem}" for problem in verdict.problems)]
    if verdict.problems:
        return [*lines, "NOT as it was sealed"]
    if not strangers:
        return [*lines, "as it was sealed"]
    what = f"signed by a key nobody here trusts: {', '.join(strangers)}: somebody may have made all of it anew"
    advice = f"give the key you know with --key, or the published head with --head, or put KEY.pub in {TRUSTED}/"
    return [*lines, what, advice, "NOT PROVEN: nothing says that this is what was sealed"]
