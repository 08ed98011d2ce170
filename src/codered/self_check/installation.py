"""How this tool was installed, and the files of its own with the SHA-256 that each must have."""

import base64
import csv
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

import codered
from codered.model.self_check import InstallationKind
from codered.system.descriptors import READ_FILE

MOST_LIST = 8 << 20  # bytes of a list of files
OWN_PACKAGES = ("codered", "codered_hq")
PACKS = "packs"
"""In a checkout, beside its source."""
MANIFEST = "manifest.json"
_NEVER_ASKS = 1  # the flags of a compiled file that is bound to its source by a hash that nobody checks
_ONE_FILE_HOME = "host-tool"


class Installation(NamedTuple):
    """`folder` holds the package `codered`; `private`: and nothing that we did not bring. `program` is the file that is
    the whole tool, None if it is many.
    """

    kind: InstallationKind
    folder: Path
    program: Path | None = None
    private: bool = False


class _Manifest(msgspec.Struct, frozen=True):
    files: dict[str, tuple[str, int]]


def find_installation() -> Installation:
    """The one that runs this."""
    folder = Path(codered.__file__).resolve().parent.parent
    if getattr(sys, "frozen", False):
        return Installation("program", folder, Path(sys.executable))
    kind = _tell_kind(folder)
    return Installation(kind, folder, private=kind in ("debian", "one-file"))


def _tell_kind(folder: Path) -> InstallationKind:
    if folder.name == "src" and (folder.parent / "pyproject.toml").is_file():
        return "checkout"
    environment = folder.parents[2] if len(folder.parents) > 2 else folder
    if (environment / MANIFEST).is_file():
        return "debian"
    if environment.parent.name == _ONE_FILE_HOME and len(environment.name) == 32:
        return "one-file"
    return "wheel" if find_record(folder) else "unknown"


def find_record(folder: Path) -> Path | None:
    """The list that pip wrote when it installed the wheel into this folder; None if there is not exactly one."""
    found = sorted(folder.glob("codered_detect-*.dist-info/RECORD"))
    return found[0] if len(found) == 1 else None


def read_own_list(installed: Installation) -> dict[str, str] | None:
    """Path below the folder -> SHA-256 (hex), as the list beside the files says; None if there is no such list that can
    be read.
    """
    try:
        if installed.kind == "debian":
            return parse_manifest(_read_list(installed.folder.parents[2] / MANIFEST))
        record = find_record(installed.folder) if installed.kind == "wheel" else None
        return parse_record(_read_list(record).decode()) if record else None
    except (OSError, msgspec.MsgspecError, ValueError, csv.Error):
        return None


def parse_manifest(raw: bytes) -> dict[str, str]:
    """Path -> SHA-256 (hex) of everything that the one file carries. Raises msgspec.MsgspecError."""
    return {name: sha256 for name, (sha256, _) in msgspec.json.decode(raw, type=_Manifest).files.items()}


def parse_record(text: str) -> dict[str, str]:
    """Path -> SHA-256 (hex) of the lines of a wheel's RECORD that have one. Raises ValueError and csv.Error."""
    found = {}
    for row in csv.reader(io.StringIO(text)):
        if len(row) == 3 and row[1].startswith("sha256="):
            digest = row[1].removeprefix("sha256=")
            found[row[0]] = base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4)).hex()
    return found


def list_own(installed: Installation) -> set[str]:
    """Every file and link, relative to the installation's folder, that may be ours alone: what is put there is run or
    read at the next start.
    """
    if installed.private:
        return set(_walk(installed.folder, ""))
    return list_checkout(installed.folder) if installed.kind == "checkout" else list_code(installed.folder)


def list_code(folder: Path) -> set[str]:
    """Every file and link below our own packages in the folder, relative to it; caches of compiled files left out."""
    return {name for package in OWN_PACKAGES for name in _walk(folder, package) if not _is_cache(folder, name)}


def list_checkout(folder: Path) -> set[str]:
    """Every file and link below the source folder of a checkout and in the packs beside it, relative to the first;
    caches of compiled files and what pip notes of an editable installation left out.
    """
    packs = f"../{PACKS}"
    return {
        name
        for below in ("", packs)
        for name in _walk(folder, below)
        if not _is_cache(folder, name) and not name.partition("/")[0].endswith(".egg-info")
    }


def _is_cache(folder: Path, name: str) -> bool:
    """Whether Python makes this file of a source by itself, and asks that source before it runs it. A compiled file
    that is to be run whatever its source says is none.
    """
    if not name.endswith(".pyc") or Path(name).parent.name != "__pycache__":
        return False
    try:
        with open(os.open(folder / name, READ_FILE), "rb") as file:
            head = file.read(8)
    except OSError:
        return False
    return int.from_bytes(head[4:], "little") != _NEVER_ASKS


def _walk(folder: Path, below: str) -> Iterator[str]:
    for here, folders, names in os.walk(folder / below):
        links = [name for name in folders if os.path.islink(os.path.join(here, name))]
        for name in (*names, *links):
            yield os.path.relpath(os.path.join(here, name), folder).replace(os.sep, "/")


def _read_list(path: Path) -> bytes:
    """Raises OSError, and ValueError for one that is too long."""
    with open(os.open(path, READ_FILE), "rb") as file:
        raw = file.read(MOST_LIST + 1)
    if len(raw) > MOST_LIST:
        raise ValueError(path)
    return raw
