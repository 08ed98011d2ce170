"""Whether the tool's own files are as they were made."""

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from codered.model.self_check import Check, CheckState
from codered.self_check.checkouts import find_changes
from codered.self_check.installation import Installation, list_own, read_own_list
from codered.system.descriptors import READ_FILE

SUBJECT: Final = "own files"
RELEASE: Final = "check it against the signed release: codered self-check --release release.json --key KEY.pem"
_LIMIT: Final = "a list beside the files proves damage, no attacker"
_AGAIN = "install it again from a release that you have verified, and find out who changed it"
_MOST_SHOWN = 3


def check_own_files(installed: Installation) -> Check:
    """Against the list that this installation has of itself. That proves damage, never the absence of an attacker: who
    changes the files can change the list.
    """
    if installed.kind == "checkout":
        return check_checkout(installed.folder.parent)
    if installed.kind == "one-file":
        told = "the one file compared each of its files with its manifest when it started"
        return _check("good", f"{told}; {_LIMIT}", RELEASE)
    if installed.kind == "program":
        return _check("unchecked", f"{installed.program} is one program without a list of what is in it", RELEASE)
    listed = read_own_list(installed)
    if listed is None:
        return _check("unchecked", "no list of the own files lies beside them", _AGAIN)
    if installed.private:
        return judge_files(installed, listed, "the package's manifest", _LIMIT)
    limit = f"{_LIMIT}; libraries and compiled files are not in it"
    return judge_files(installed, listed, "the wheel's RECORD", limit)


def judge_files(installed: Installation, listed: dict[str, str], what: str, limit: str) -> Check:
    """Whether the files are those of this list (path below the installation's folder -> SHA-256), and no other of ours
    is there; `limit` says what that does not prove.
    """
    folder = installed.folder
    there = list_own(installed)
    wrong = [f"{name} {harm}" for name, digest in sorted(listed.items()) if (harm := _find_harm(folder / name, digest))]
    wrong += [f"{name} is not in the list" for name in sorted(there - listed.keys())]
    if wrong:
        return _check("wrong", f"not as {what} says: {name_some(wrong)}", _AGAIN)
    return _check("good", f"{len(listed):,} files are as {what} says; {limit}", RELEASE)


def check_checkout(root: Path) -> Check:
    """Whether source and packs are as they were committed."""
    changed = find_changes(root)
    if changed is None:
        return _check("unchecked", f"git can't tell here what was committed in {root}", "git status")
    if changed:
        return _check("wrong", f"not as it was committed: {name_some(changed)}", "git diff; commit it, or undo it")
    told = "source and packs are as they were committed; that proves nothing of the commit, nor of compiled files"
    return _check("good", told, "git log")


def name_some(what: Iterable[str]) -> str:
    """The first ones, and how many more there are."""
    listed = list(what)
    more = f" and {len(listed) - _MOST_SHOWN} more" if len(listed) > _MOST_SHOWN else ""
    return ", ".join(listed[:_MOST_SHOWN]) + more


def digest_file(path: Path) -> str:
    """SHA-256 (hex) of a regular file that is no link. Raises OSError for anything else."""
    with open(os.open(path, READ_FILE), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "is no regular file", str(path))
        return hashlib.file_digest(file, "sha256").hexdigest()


def _find_harm(path: Path, digest: str) -> str:
    """What is wrong with a file, "" if nothing."""
    try:
        return "" if digest_file(path) == digest else "was changed"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"can't be read ({error.strerror})"


def _check(state: CheckState, told: str, advice: str) -> Check:
    return Check(subject=SUBJECT, group="trust", state=state, told=told, advice=advice)
