"""A pack's own examples: inert web logs, file trees, process lists, memory and traffic that it must or must not
recognise, and what it must find.
"""

from pathlib import Path
from typing import Literal

import msgspec

from codered.model.errors import WrongUse
from codered.model.finding import Confidence, Layer
from codered.model.pack import LoadedPack
from codered.packs.decoding import decode_document
from codered.packs.example_trees import Tree, lay_out
from codered.packs.places import file_place
from codered.packs.strict_yaml import Document, read_document, show_path

EXPECTED_FILE = "expected.json"
_NOT_YAML = "not YAML: "
LOG_ENDING = ".log"
Form = Literal["log", "tree", "process", "memory", "traffic"]
ENDINGS: dict[str, Form] = {
    LOG_ENDING: "log",
    ".tree.yaml": "tree",
    ".process.yaml": "process",
    ".memory.yaml": "memory",
    ".traffic.yaml": "traffic",
}


class Example(msgspec.Struct, frozen=True):
    """One example: its name below `examples/` (`hit/volume.tree.yaml`), whether the pack must recognise it, its form,
    and its file.
    """

    name: str
    kind: Literal["hit", "clean"]
    form: Form
    path: Path


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A finding that an example must give; what is left out may be anything. `path` is relative to the tree, or the
    program of a process; `pack` is another pack whose sign is in the example too ("" = its own).
    """

    indicator: str
    path: str = ""
    address: str = ""
    count: int = 0
    confidence: Confidence | None = None
    pack: str = ""
    layer: Layer | None = None


def list_examples(loaded: LoadedPack) -> tuple[Example, ...]:
    """The examples of a pack, by name. Raises WrongUse for a file among them that is of no known form."""
    return tuple(_example(loaded, name) for name in sorted(loaded.files) if name.startswith("examples/"))


def read_tree(example: Path) -> Tree:
    """A tree as its file describes it. Raises WrongUse with file and line."""
    return decode_document(read_document(example), Tree)


def read_expected(loaded: LoadedPack) -> dict[str, tuple[Expected, ...]]:
    """What each hit example must give, by the example's name. Raises WrongUse with file and line."""
    document = read_expected_document(loaded)
    if not isinstance(document.value, dict):
        advice = 'write {"hit/NAME": [{"indicator": "…"}]}'
        raise WrongUse("not a mapping of examples", where=document.place_of(), advice=advice)
    return {name: decode_document(document.part(name), tuple[Expected, ...]) for name in document.value}


def read_expected_document(loaded: LoadedPack) -> Document:
    """The file itself, for whoever has to name a line of it. Raises WrongUse."""
    if EXPECTED_FILE not in loaded.files:
        advice = "it lists what each hit example must give"
        raise WrongUse("missing", where=file_place(loaded, EXPECTED_FILE), advice=advice)
    try:
        return read_document(Path(loaded.folder) / EXPECTED_FILE)
    except WrongUse as error:
        if not error.what.startswith(_NOT_YAML):
            raise
        what = f"not JSON: {error.what.removeprefix(_NOT_YAML)}"
        raise WrongUse(what, where=error.where, advice="check its brackets, commas and quotes") from None


def write_tree(example: Path, into: Path) -> None:
    """Lay the tree out below the existing folder `into`. Raises WrongUse for a tree that is not what it must be, that
    would leave the folder or write over something.
    """
    lay_out(read_tree(example), into, show_path(example))


def _example(loaded: LoadedPack, name: str) -> Example:
    short = name.removeprefix("examples/")
    kind: Literal["hit", "clean"] = "hit" if short.startswith("hit/") else "clean"
    form = next((form for ending, form in ENDINGS.items() if name.endswith(ending)), None)
    if not short.startswith(("hit/", "clean/")) or form is None:
        advice = f"examples are hit/NAME or clean/NAME, ending in {', '.join(ENDINGS)}"
        raise WrongUse("not an example", where=file_place(loaded, name), advice=advice)
    return Example(short, kind, form, Path(loaded.folder) / name)
