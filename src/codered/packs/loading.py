"""Packs from their folders. Nothing is discovered by importing: a pack is files, and its digest is over all of them."""

import hashlib
import os
from pathlib import Path

from codered import __version__
from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack, ThreatPack
from codered.packs.decoding import decode_document
from codered.packs.imported_signs import MOST_IMPORTED, add_signs
from codered.packs.strict_yaml import MOST_BYTES, parse_document, read_bytes, shorten, show_path
from codered.packs.suggesting import suggest
from codered.packs.updating.current import CurrentSet, find_home, order_version, read_current

PACK_FILE = "pack.yaml"
RULES_FILE = "rules.yar"
MOST_PACK_BYTES = 8 << 20
MOST_FILES = 500
MOST_PATH = 4096  # characters shown of one
MOST_FOLDERS = 8  # levels below the pack's folder


def find_packs_folder() -> Path:
    """CODERED_PACKS, else the packs that an update installed, else those shipped with the tool. Raises WrongUse when
    there is no such folder.
    """
    return choose_packs_folder()[0]


def choose_packs_folder() -> tuple[Path, str]:
    """The folder of packs in use, and a warning if the installed ones are not, "" if all is well. Raises WrongUse."""
    if named := os.environ.get("CODERED_PACKS"):
        if not os.path.isdir(named):  # Path's own raises where it may not look
            raise WrongUse("no such folder", where=shorten(named), advice="set CODERED_PACKS to a folder of packs")
        return Path(named), ""
    shipped = find_shipped_packs()
    home = find_home()
    if home is None:
        return shipped, ""
    try:
        installed = read_current(home)
        if installed is None:
            return shipped, ""
        if installed.record.tool != __version__:  # it was tried by another version of the tool
            load_packs(installed.folder)
    except WrongUse as error:
        return shipped, f"the packs shipped with the tool are used: {error}"
    if newer := _find_newer(shipped, installed):
        advice = "run codered packs update"
        return shipped, f"the packs shipped with the tool are used: {newer} is newer there than installed — {advice}"
    return installed.folder, ""


def find_shipped_packs() -> Path:
    """`packs` of the checkout this code runs from, else the packs shipped in the wheel. Raises WrongUse."""
    room = Path(__file__).resolve().parent
    checkout = room.parents[2] / "packs"
    if room.parents[1].name == "src" and os.path.isdir(checkout):
        return checkout
    shipped = room.parent / "shipped_packs"
    if os.path.isdir(shipped):
        return shipped
    raise WrongUse("the threat packs are not there", where=str(shipped), advice="install again, or set CODERED_PACKS")


def _find_newer(shipped: Path, installed: CurrentSet) -> str:
    """A shipped pack that the installed set has in an older version, or not at all; "" if there is none."""
    have = {pack.name: order_version(pack.version) for pack in installed.record.packs}
    return next((name for name in list_packs(shipped) if _read_version(shipped / name) > have.get(name, ())), "")


def _read_version(folder: Path) -> tuple[int, ...]:
    """The version in a pack.yaml, without reading all of it as YAML; () if there is none."""
    try:
        lines = read_bytes(folder / PACK_FILE).splitlines()
    except WrongUse:
        return ()
    version = next((line[8:] for line in lines if line.startswith(b"version:")), b"")
    return order_version(version.decode("ascii", "replace").split("#")[0].strip(" '\""))


def load_packs(folder: Path, names: tuple[str, ...] = ()) -> tuple[LoadedPack, ...]:
    """The packs of these names (none = all), sorted by name. Raises WrongUse for anything a pack may not be."""
    there = list_packs(folder)
    if unknown := next((name for name in names if name not in there), None):
        raise WrongUse(
            f"there is no pack `{shorten(unknown)}`", where=show_path(folder), advice=suggest(unknown, there)
        )
    if not there:
        raise WrongUse("holds no pack", where=show_path(folder), advice=f"a pack is a folder with a {PACK_FILE}")
    return tuple(load_pack(folder / name) for name in sorted(set(names) or there))


def load_pack(folder: Path) -> LoadedPack:
    """One pack, strictly decoded, with the SHA-256 of every file in its folder. Raises WrongUse with file and line."""
    contents = read_files(folder)
    where = show_path(folder / PACK_FILE)
    if PACK_FILE not in contents:
        raise WrongUse("missing", where=where, advice="a pack is a folder with this file; see docs/pack-format.md")
    document = parse_document(contents[PACK_FILE], where)
    pack = add_signs(decode_document(document, ThreatPack), contents, folder)
    own_name = folder.absolute().name
    if pack.name != own_name:
        advice = f"name the folder `{pack.name}`, or the pack `{shorten(own_name)}`"
        raise WrongUse("the pack is not called like its folder", where=document.place_of("name"), advice=advice)
    files = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())}
    return LoadedPack(
        pack=pack,
        folder=str(folder),
        rules=_decode_rules(contents.get(RULES_FILE, b""), folder / RULES_FILE),
        files=files,
        digest=digest_files(files),
    )


def list_packs(folder: Path) -> list[str]:
    """The names of the packs in a folder. Raises WrongUse."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        advice = "name a folder of packs"
        raise WrongUse(f"can't be read ({error.strerror})", where=show_path(folder), advice=advice) from None
    names = []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            raise WrongUse(
                "is a link", where=show_path(Path(entry.path)), advice="put the pack itself here, or remove it"
            )
        if entry.is_dir():
            names.append(entry.name)
    return names


def read_files(folder: Path) -> dict[str, bytes]:
    """Every file below the folder by its relative name. Raises WrongUse for links, devices and more than packs need."""
    if folder.is_symlink():
        raise WrongUse("is a link", where=show_path(folder), advice="name the folder itself")
    if not folder.is_dir():
        raise WrongUse("not a folder", where=show_path(folder), advice=f"a pack is a folder with a {PACK_FILE}")
    contents: dict[str, bytes] = {}
    left = MOST_PACK_BYTES
    waiting = [(folder, "", 0)]
    while waiting:
        here, prefix, depth = waiting.pop()
        for entry in sorted(os.scandir(here), key=lambda entry: entry.name):
            name = _check_entry(entry, prefix, depth)
            if entry.is_dir(follow_symlinks=False):
                waiting.append((Path(entry.path), f"{name}/", depth + 1))
                continue
            contents[name] = read_bytes(Path(entry.path), MOST_IMPORTED.get(name, min(MOST_BYTES, left)))
            left -= len(contents[name]) if len(contents[name]) <= MOST_BYTES else 0  # those have limits of their own
            if left < 0:
                advice = "make it smaller or split it"
                raise WrongUse(f"larger than {MOST_PACK_BYTES} bytes together", where=show_path(folder), advice=advice)
            if len(contents) > MOST_FILES:
                advice = f"a pack has at most {MOST_FILES} files"
                raise WrongUse("too many files", where=show_path(folder), advice=advice)
    return contents


def _check_entry(entry: os.DirEntry[str], prefix: str, depth: int) -> str:
    where = shorten(show_path(Path(entry.path)), MOST_PATH)
    if not entry.name.isprintable():
        raise WrongUse("a name that can't be printed", where=where, advice="rename the file")
    if entry.is_symlink():
        raise WrongUse("is a link", where=where, advice="put the file itself into the pack")
    if depth > MOST_FOLDERS:
        raise WrongUse("too many folders inside one another", where=where, advice="make the pack flatter")
    if not (entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False)):
        raise WrongUse("neither a file nor a folder", where=where, advice="a pack holds files and folders only")
    return prefix + entry.name


def _decode_rules(data: bytes, path: Path) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        where = f"{show_path(path)}:{line}"
        raise WrongUse("not UTF-8", where=where, advice=r"save it as UTF-8, write other bytes as \xNN") from None


def digest_files(files: dict[str, str]) -> str:
    """One SHA-256 over the names and SHA-256 of files."""
    digest = hashlib.sha256()
    for name, sha256 in sorted(files.items()):
        digest.update(f"{name}\0{sha256}\n".encode())
    return digest.hexdigest()
