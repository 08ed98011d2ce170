"""`codered drill lab`: the laboratory is a part of the source checkout, which takes over."""

import os
import stat
import sys
from pathlib import Path
from typing import NoReturn

import codered_hq
from codered.model.errors import WrongUse

_PACKAGE = Path(codered_hq.__file__).resolve().parent


def find_laboratory() -> Path:
    """The launcher of the laboratory beside the source that runs. Raises WrongUse where there is none, or it is a link,
    or belongs to somebody else than the source.
    """
    launcher = _PACKAGE.parent.parent / "lab" / "lab"
    advice = "codered drill tabletop needs nothing"
    if _PACKAGE.parent.name != "src" or not os.path.lexists(launcher):
        what = "Unsupported: the laboratory is part of the source checkout"
        raise WrongUse(what, where="drill lab", advice=advice)
    owner = os.lstat(_PACKAGE).st_uid
    for place, is_right in ((launcher.parent, stat.S_ISDIR), (launcher, stat.S_ISREG)):
        status = os.lstat(place)
        if not is_right(status.st_mode) or status.st_uid != owner:
            raise WrongUse("Unsupported: this laboratory is not the source's own", where=str(place), advice=advice)
    return launcher


def hand_over(into: str, *words: str) -> NoReturn:
    """Become `lab drill WORDS` of the laboratory in this folder ("" = its usual one). Raises WrongUse."""
    command = [sys.executable, str(find_laboratory()), "drill", *words]
    if into:
        command += ["--into", str(Path(into).absolute())]
    # What it starts by `python -m` must not be a file of the folder that we stand in.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    sys.stdout.flush()
    os.execve(command[0], command, outside | {"PYTHONSAFEPATH": "1"})  # noqa: S606
