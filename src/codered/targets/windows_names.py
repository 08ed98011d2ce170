"""Windows names on a file system that knows nothing of Windows: drive letters, any case, 8.3 aliases."""

import os
from importlib import resources

import msgspec

from codered.model.target import ListingTarget, Target, Volume


def _load_aliases() -> dict[str, str]:
    text = resources.files("codered.targets").joinpath("short_names.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, str])


_ALIASES = _load_aliases()


def canonical_windows_path(path: str) -> str:
    """The form two names of one Windows file share: lower case, `\\` between components, 8.3 aliases of the folders
    that every installation has spelled out.
    """
    parts = path.replace("/", "\\").lower().split("\\")
    return "\\".join(_ALIASES.get(part, part) for part in parts)


def shown_on_volume(volume: Volume, rel: bytes) -> str | None:
    """`C:\\dir\\file` for a path below a volume's folder; None when it is not on that volume."""
    prefix = os.fsencode(volume.prefix)
    if prefix and rel != prefix and not rel.startswith(prefix + b"/"):
        return None
    rest = rel[len(prefix) :].lstrip(b"/")
    # U+FFFD for bytes that are no text: a `\xNN` would read as a folder of its own between Windows names.
    return f"{volume.drive}:\\" + rest.decode(errors="replace").replace("/", "\\")


def find_windows_path(target: Target, volume: Volume, path: str) -> list[bytes]:
    """Every file below the volume whose Windows name is `path` (`?:` = any drive), whatever its case or alias."""
    drive, _, rest = path.partition(":\\")
    if drive.upper() not in ("?", volume.drive) or not rest:
        return []
    return find_below(target, os.fsencode(volume.prefix), rest)


def find_below(target: Target, folder: bytes, path: str) -> list[bytes]:
    """Every file below a folder whose Windows name from there on is `path`, whatever its case or alias."""
    found = [folder]
    for wanted in canonical_windows_path(path).split("\\"):
        found = [inner for each in found for inner in _matching_entries(target, each, wanted)]
    return found


def _matching_entries(target: Target, folder: bytes, wanted: str) -> list[bytes]:
    start = folder + b"/" if folder else b""
    return [start + name for name in list_names(target, folder) if canonical_windows_path(os.fsdecode(name)) == wanted]


def list_names(target: Target, folder: bytes) -> list[bytes]:
    """The names in a folder; none if it can't be listed."""
    try:
        if isinstance(target, ListingTarget):
            return [entry.name for entry in target.list_folder(folder)]
        directory = target.open_dir(folder)
    except OSError:
        return []
    try:
        return [os.fsencode(name) for name in os.listdir(directory)]
    finally:
        os.close(directory)
