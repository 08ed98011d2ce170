"""A folder of scripts on disk, sealed by a list of hashes that any sha256sum can check."""

import hashlib
import os
import re
from pathlib import Path

from codered.export.scripts.new_windows import write_new_scripts
from codered.export.scripts.old_windows import write_old_scripts
from codered.export.scripts.readme import write_readme
from codered.export.scripts.steps import OLD, Script
from codered.model.errors import WrongUse

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64}) [ *]([A-Za-z0-9][A-Za-z0-9.]{0,63})")
_MOST_BYTES = 64 << 20
_MOST_FILES = 100
_LOGS = ("clean.log", "undo.log")


def render_scripts(script: Script) -> dict[str, bytes]:
    """All files of the folder by name, the list of their hashes too."""
    made = write_old_scripts(script) if script.role in OLD else write_new_scripts(script)
    made["README.txt"] = write_readme(script)
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(made.items()))
    return {**made, SUMS: "".join(lines).encode("ascii")}


def write_folder(script: Script, folder: Path) -> tuple[str, ...]:
    """Write them into a new or empty folder; gives their names. Raises WrongUse."""
    made = render_scripts(script)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise WrongUse("is not empty", where=str(folder), advice="name a new folder")
        for name, data in made.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        advice = "choose a folder that you can write to"
        raise WrongUse(error.strerror or str(error), where=str(folder), advice=advice) from None
    return tuple(sorted(made))


def check_folder(folder: Path) -> tuple[str, ...]:
    """What is not as it was written: changed, missing or added files; () = all is. Logs of runs may be there. Raises
    WrongUse for a folder without a list of hashes.
    """
    lines = _read(folder / SUMS).decode("ascii", "replace").splitlines()
    found = [_LINE.fullmatch(line) for line in lines]
    if not lines or len(lines) > _MOST_FILES or not all(found):
        raise WrongUse("is no list of hashes", where=str(folder / SUMS), advice="write the scripts anew")
    wanted = {match[2]: match[1] for match in found if match is not None}
    wrong = []
    for name, digest in wanted.items():
        path = folder / name
        if not path.is_file() or path.is_symlink():
            wrong.append(f"{name}: is missing")
        elif hashlib.sha256(_read(path)).hexdigest() != digest:
            wrong.append(f"{name}: was changed")
    known = {*wanted, SUMS, *_LOGS}
    wrong += [f"{name}: does not belong here" for name in sorted(os.listdir(folder)) if name not in known]
    return tuple(wrong)


def _read(path: Path) -> bytes:
    """Raises WrongUse."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WrongUse("is too large for a script", where=str(path), advice="write the scripts anew")
        return path.read_bytes()
    except OSError as error:
        advice = "name a folder that `codered script -o` wrote"
        raise WrongUse(f"can't be read: {error.strerror}", where=str(path), advice=advice) from None
