"""That a pack has examples of both kinds, and says what each hit example must give."""

from collections.abc import Iterator
from typing import Literal

from codered.model.errors import WrongUse
from codered.packs.example_memory import read_memory
from codered.packs.example_processes import read_processes
from codered.packs.example_traffic import read_traffic
from codered.packs.example_trees import check_tree
from codered.packs.examples import Example, list_examples, read_expected, read_expected_document, read_tree
from codered.packs.places import file_place
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import Document, shorten, show_path
from codered.packs.suggesting import suggest


def check_own_examples(checked: CheckedPack) -> Iterator[Problem]:
    """Hit and clean examples exist and can be laid out; expected.json fits them."""
    try:
        examples = list_examples(checked.loaded)
    except WrongUse as error:
        yield Problem(error.where, error.what, error.advice)
        return
    for kind, why in (("hit", "what the pack must find"), ("clean", "what looks like the threat and is not")):
        if not any(example.kind == kind for example in examples):
            where = file_place(checked.loaded, f"examples/{kind}")
            level: Literal["error", "warning"] = "error" if checked.pack.origin is None else "warning"
            yield Problem(where, f"no {kind} example", f"add {why}", level)
    for example in examples:
        yield from _check_form(example)
    yield from _check_expected(checked, tuple(example.name for example in examples if example.kind == "hit"))


def _check_form(example: Example) -> Iterator[Problem]:
    """That a scan could be shown the example."""
    try:
        if example.form == "tree":
            check_tree(read_tree(example.path), show_path(example.path))
        elif example.form == "process":
            read_processes(example.path)
        elif example.form == "memory":
            read_memory(example.path)
        elif example.form == "traffic":
            read_traffic(example.path)
    except WrongUse as error:
        yield Problem(error.where, error.what, error.advice)


def _check_expected(checked: CheckedPack, hits: tuple[str, ...]) -> Iterator[Problem]:
    try:
        expected = read_expected(checked.loaded)
        document = read_expected_document(checked.loaded)
    except WrongUse as error:
        yield Problem(error.where, error.what, error.advice)
        return
    for name in hits:
        if not expected.get(name):
            yield Problem(document.where, f"{shorten(name)} is not listed", "say which findings it must give")
    known = [sign.id for sign in checked.pack.indicators()]
    for name, items in expected.items():
        if name not in hits:
            at = _line(document, name)
            yield Problem(at, f"there is no hit example {shorten(name)}", suggest(name, list(hits)))
        for number, item in enumerate(items):
            if item.indicator not in known and not item.pack:
                at = document.place_of(name, number, "indicator")
                yield Problem(at, f"no indicator `{shorten(item.indicator)}`", suggest(item.indicator, known))


def _line(document: Document, name: str) -> str:
    return f"{document.where}:{document.mark.keys.get(name, 1)}"
