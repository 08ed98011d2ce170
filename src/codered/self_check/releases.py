"""The tool's own files against a release that its publisher signed."""

import hashlib
import os
import zipfile
from pathlib import Path

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.model.self_check import Check, CheckState
from codered.self_check.installation import Installation, parse_manifest
from codered.self_check.own_files import SUBJECT, digest_file, judge_files
from codered.signing.keys import load_public_key
from codered.signing.releases import OpenedRelease, open_release
from codered.system.descriptors import READ_FILE

PROGRAM = "codered.exe"
ONE_FILE = "codered.pyz"
MOST_MANIFEST = 8 << 20  # bytes
_PACKS = "codered/shipped_packs/"
_CARRIED = ("debian", "one-file")  # they hold what the one file holds, byte for byte
_DISTRUST = "don't run it any more: install a release that you verified elsewhere"


def check_against_release(installed: Installation, manifest: Path, key: Path) -> Check:
    """Whether our files are those of the release, by its publisher's key. Raises WrongUse for what can't be read."""
    try:
        opened = open_release(manifest, load_public_key(key))
        what = f"the signed release {opened.release.version}"
        if installed.program is not None:
            return _check_program(installed.program, opened, what)
        one_file = manifest.with_name(ONE_FILE)
        if installed.kind in _CARRIED and one_file.exists():
            told = "all that it is made of, libraries and compiled files too"
            return judge_files(installed, read_carried(one_file, opened), what, told)
    except Refused as error:
        return _check("wrong", f"{error.where}: {error.what}", error.advice)
    limit = "libraries and compiled files are not compared"
    if installed.kind in _CARRIED:
        limit += f": put {ONE_FILE} of the release beside release.json"
        installed = installed._replace(private=False)
    return judge_files(installed, _choose(installed, opened.installed), what, limit)


def read_carried(one_file: Path, opened: OpenedRelease) -> dict[str, str]:
    """Path -> SHA-256 of everything that the release's one file carries. Raises Refused if it is not that of the
    release, WrongUse if it can't be read.
    """
    wanted = _find_digest(opened, ONE_FILE)
    try:
        with open(os.open(one_file, READ_FILE), "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != wanted:
                raise Refused("is not the one of the release", where=str(one_file), advice=_DISTRUST)
            with zipfile.ZipFile(file) as archive, archive.open("manifest.json") as listed:
                return parse_manifest(listed.read(MOST_MANIFEST))
    except (OSError, zipfile.BadZipFile, KeyError, msgspec.MsgspecError) as error:
        advice = "get the release again, whole"
        raise WrongUse(f"can't be read: {error}", where=str(one_file), advice=advice) from None


def _choose(installed: Installation, listed: dict[str, str]) -> dict[str, str]:
    """What of the release is to be here: the host tool alone has nothing of headquarters; a checkout has its packs
    beside its source.
    """
    wanted = {
        name: digest
        for name, digest in listed.items()
        if name.startswith("codered/") or (installed.folder / "codered_hq" / "cli").is_dir()
    }
    if installed.kind != "checkout":
        return wanted
    return {
        f"../packs/{name.removeprefix(_PACKS)}" if name.startswith(_PACKS) else name: digest
        for name, digest in wanted.items()
    }


def _check_program(program: Path, opened: OpenedRelease, what: str) -> Check:
    wanted = _find_digest(opened, PROGRAM)
    if not wanted:
        return _check("unchecked", f"{what} has no {PROGRAM}", "take a release that has one")
    if digest_file(program) != wanted:
        return _check("wrong", f"{program} is not the {PROGRAM} of {what}", _DISTRUST)
    return _check("good", f"{program} is as {what} says")


def _find_digest(opened: OpenedRelease, name: str) -> str:
    return next((file.sha256 for file in opened.release.files if file.name == name), "")


def _check(state: CheckState, told: str, advice: str = "") -> Check:
    return Check(subject=SUBJECT, group="trust", state=state, told=told, advice=advice)
