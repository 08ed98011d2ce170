"""Which packs a word of `codered packs` is about: names of shipped packs, folders of packs, or folders of one."""

import os
from pathlib import Path

from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack
from codered.packs.linting import Problem
from codered.packs.loading import find_packs_folder, load_pack


def load_chosen(names: tuple[str, ...]) -> tuple[LoadedPack, ...]:
    """The packs of these names and folders (none = all), each once. Raises WrongUse for one that can't be read."""
    return tuple(load_pack(folder) for folder in dict.fromkeys(list_folders(names)))


def list_folders(names: tuple[str, ...]) -> list[Path]:
    """The folder of each pack. Raises WrongUse for a name or folder that is none."""
    shipped = find_packs_folder()
    if not names:
        return sorted(folder for folder in shipped.iterdir() if folder.is_dir() and not folder.name.startswith("."))
    return [folder for name in names for folder in _folders_named(shipped, name)]


def _folders_named(shipped: Path, name: str) -> list[Path]:
    """The pack in a folder, the packs in a folder of packs, or the shipped pack of this name."""
    if os.sep not in name and not os.path.isdir(name):
        return [_named(shipped, name)]
    folder = Path(name)
    if not folder.is_dir():
        raise WrongUse("no such folder", where=name, advice="give a pack's folder, or a pack's name")
    inner = sorted(found.parent for found in folder.glob("*/pack.yaml"))
    return [folder] if (folder / "pack.yaml").exists() or not inner else inner


def _named(shipped: Path, name: str) -> Path:
    if not (shipped / name).is_dir():
        known = ", ".join(sorted(folder.name for folder in shipped.iterdir() if folder.is_dir()))
        raise WrongUse(f"no pack is called {name!r}", advice=f"the packs are {known}; or give a pack's folder")
    return shipped / name


def load_leniently(names: tuple[str, ...]) -> tuple[list[LoadedPack], list[Problem]]:
    """The packs that can be read, and of the others why not."""
    packs, problems = [], []
    for folder in list_folders(names):
        try:
            packs.append(load_pack(folder))
        except WrongUse as error:
            problems.append(Problem(where=error.where, what=error.what, advice=error.advice, level="error"))
    return packs, problems


def add_neighbours(packs: list[LoadedPack]) -> tuple[LoadedPack, ...]:
    """The packs and, for what they share signs with, every other shipped pack that loads."""
    mine = {loaded.pack.name for loaded in packs}
    others, _ = load_leniently(())
    return (*packs, *(loaded for loaded in others if loaded.pack.name not in mine))
