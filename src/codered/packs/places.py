"""Where things of a loaded pack stand, as `file:line` for people."""

from pathlib import Path

from codered.model.pack import LoadedPack
from codered.packs.loading import PACK_FILE, RULES_FILE
from codered.packs.strict_yaml import show_path


def pack_place(loaded: LoadedPack) -> str:
    """The name of its pack.yaml."""
    return show_path(Path(loaded.folder) / PACK_FILE)


def rules_place(loaded: LoadedPack) -> str:
    """The name of its rules.yar."""
    return show_path(Path(loaded.folder) / RULES_FILE)


def file_place(loaded: LoadedPack, name: str) -> str:
    """The name of one of its files."""
    return show_path(Path(loaded.folder) / name)
