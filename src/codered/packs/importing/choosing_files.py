"""Which files of what the user named are rules, and in which form. Links are not followed."""

import os
from pathlib import Path
from typing import Literal

import msgspec

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import show_path

Form = Literal["yara", "sigma", "suricata"]
ENDINGS: dict[str, Form] = {
    ".yar": "yara",
    ".yara": "yara",
    ".yml": "sigma",
    ".yaml": "sigma",
    ".rules": "suricata",
}
MOST_FILES = 20_000


class Chosen(msgspec.Struct, frozen=True):
    """The rule files of one named file or folder, by form. Nothing outside of `folder` is ever read for them."""

    folder: Path
    files: dict[Form, tuple[Path, ...]]


def choose_files(named: str) -> Chosen:
    """The rule files of a file or folder. Raises WrongUse for one that is none, holds none or too many."""
    path = Path(os.path.realpath(named))
    if path.is_file():
        form = ENDINGS.get(path.suffix.lower())
        if form is None:
            advice = f"rules end in {', '.join(ENDINGS)}"
            raise WrongUse("not known as a file of rules by its ending", where=named, advice=advice)
        return Chosen(path.parent, {form: (path,)})
    if not path.is_dir():
        raise WrongUse("no such file or folder", where=named, advice="name files of rules, or folders of them")
    found: dict[Form, list[Path]] = {}
    count = 0
    for here, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            form = ENDINGS.get(Path(name).suffix.lower())
            file = Path(here, name)
            if form is None or name.startswith(".") or file.is_symlink() or not file.is_file():
                continue
            found.setdefault(form, []).append(file)
            count += 1
            if count > MOST_FILES:
                raise WrongUse(
                    f"more than {MOST_FILES:,} files of rules", where=show_path(path), advice="import a part"
                )
    if not found:
        raise WrongUse("holds no file of rules", where=named, advice=f"rules end in {', '.join(ENDINGS)}")
    return Chosen(path, {form: tuple(files) for form, files in found.items()})
