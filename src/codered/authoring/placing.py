"""Putting a draft where the author wants it: whole or not at all."""

import os
import shutil
import tempfile
from pathlib import Path

from codered.authoring.orders import Draft
from codered.authoring.proving import write_files
from codered.model.errors import WrongUse


def place_draft(draft: Draft, into: Path) -> Path:
    """The folder of the new pack, below the existing folder `into`. Raises WrongUse if it is there already or can't be
    written.
    """
    check_place(into, draft.name)
    place = into / draft.name
    beside = ""
    try:
        beside = tempfile.mkdtemp(dir=into, prefix=f".{draft.name}-")
        write_files(Path(beside) / draft.name, draft.files)
        os.rename(Path(beside) / draft.name, place)
    except OSError as error:
        raise WrongUse(
            f"can't be written ({error.strerror})", where=str(place), advice="choose another --into"
        ) from None
    finally:
        if beside:
            shutil.rmtree(beside, ignore_errors=True)
    return place


def check_place(into: Path, name: str) -> None:
    """Raises WrongUse unless a pack of this name can be made there."""
    if not into.is_dir():
        raise WrongUse("no such folder", where=str(into), advice="create it first, or choose another --into")
    if os.path.lexists(into / name):
        advice = "choose another name or another --into; nothing is written over"
        raise WrongUse("is there already", where=str(into / name), advice=advice)
