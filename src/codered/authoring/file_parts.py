"""Signs of files by hash, size and name."""

import re
from collections.abc import Iterable

from codered.authoring.orders import Choice, Goodware, Sample
from codered.authoring.parts import Part, make_sign
from codered.authoring.words import load_words, tell_personal
from codered.packs.example_trees import TreeFile

MOST_NAMES = 8
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{3,59}")
_HASH = re.compile(r"[0-9a-fA-F]{16,64}")


def draft_files(pack: str, samples: tuple[Sample, ...], goodware: Goodware) -> tuple[Part, ...]:
    """The samples themselves by size and SHA-256, and the names that are not everyday ones."""
    hashed = [sample for sample in samples if sample.sha256]
    parts = []
    if hashed:
        sign = make_sign(
            "known-sample",
            "This file is, byte for byte, a sample that this pack was made from.",
            "likely",
            "critical",
            sizes=sorted({sample.size for sample in hashed}),
            sha256=sorted(sample.sha256 for sample in hashed),
        )
        why = (
            "byte for byte; make it `confirmed` once somebody has read the samples. No example: that would be a sample"
        )
        parts.append(
            Part(layer="files", sign=sign, choices=(Choice("files/known-sample", f"{len(hashed)} SHA-256", why),))
        )
    names, refused = choose_names((sample.name for sample in samples), goodware)
    if names:
        sign = make_sign(
            "known-name",
            "A file with this name belonged to the threat; the name alone proves nothing.",
            "suspicious",
            "medium",
            names=list(names),
        )
        files = tuple(
            TreeFile(path=f"srv/{pack}/names/{name}", text="An inert file: its name counts.\n") for name in names
        )
        chosen = tuple(
            Choice("files/known-name", name, "a sample was called so, and no everyday file is") for name in names
        )
        parts.append(Part(layer="files", sign=sign, files=files, choices=(*chosen, *refused)))
    elif parts and refused:
        parts[0] = Part(layer="files", sign=parts[0].sign, choices=(*parts[0].choices, *refused))
    return tuple(parts)


def choose_names(given: Iterable[str], goodware: Goodware) -> tuple[tuple[str, ...], tuple[Choice, ...]]:
    """The names worth looking for, and why the others are not."""
    names: list[str] = []
    refused: list[Choice] = []
    for name in dict.fromkeys(given):
        why = _refuse(name, goodware)
        if why:
            shown = "a name" if tell_personal(name) else name
            refused.append(Choice("files/known-name", f"not {shown}", why))
        elif len(names) < MOST_NAMES:
            names.append(name)
    return tuple(names), tuple(refused)


def _refuse(name: str, goodware: Goodware) -> str:
    """Why a file can't be known by this name; "" if it can."""
    stem = name.partition(".")[0]
    words = [word for word in re.split(r"[^A-Za-z]+", stem.lower()) if word]
    if why := tell_personal(name):
        return f"personal: {why}"
    if not _NAME.fullmatch(name):
        return "too short, or of odd characters"
    if _HASH.fullmatch(stem):
        return "a hash, or a number"
    if not words or all(len(word) < 4 or word.rstrip("s") in load_words().everyday_names for word in words):
        return "an everyday name"
    return "a file of an installed package is called so" if goodware.knows(name.encode()) else ""
