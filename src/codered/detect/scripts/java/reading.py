"""The reader of Java's pages."""

import re
from collections.abc import Iterator

from codered.detect.scripts.budget import keep_what_was_read
from codered.detect.scripts.facts import Fact, Script
from codered.detect.scripts.java.pages import Page, read_page
from codered.detect.scripts.java.statements import run_units
from codered.detect.scripts.java.tables import load_tables
from codered.detect.scripts.java.tokens import read_tokens
from codered.detect.scripts.java.world import Tired, World

AROUND = 40  # characters shown before a fact's place
SHOWN = 200
MOST_MARKUP = 200_000
TINY = 1500  # characters of code
LEAST_FILE_WORK = 3  # kinds of work on files that a visitor chooses


def read_java(script: Script) -> Iterator[Fact]:
    """The facts of a page. Its code is read within fixed bounds of words, steps and depth."""
    page = read_page(script.text)
    found: dict[str, int] = {}
    tokens = read_tokens(page.code.text)
    world = World(tokens, load_tables(), lambda name, index: _note(found, name, tokens.places[index]))
    with keep_what_was_read(Tired):
        run_units(world)
    _add_together(found, world, page, script.text)
    for name, at in found.items():
        if name in world.tables.own_facts:
            continue
        place = page.code.find_place(at) if at >= 0 else -1
        shown = script.text[max(place - AROUND, 0) : place + SHOWN - AROUND] if place >= 0 else ""
        yield Fact(name, script.offset + place if place >= 0 else -1, shown.strip())


def _note(found: dict[str, int], name: str, at: int) -> None:
    found.setdefault(name, at)


def _add_together(found: dict[str, int], world: World, page: Page, text: str) -> None:
    """Facts of the page as a whole."""
    work = [name for name in world.tables.file_facts if name in found]
    if len(work) >= LEAST_FILE_WORK:
        _note(found, "does-file-work", found[work[0]])
    if "chooses-database" in found:
        _note(found, "does-database-work", found["chooses-database"])
    if {"opens-socket", "runs-commands"} <= found.keys():
        _note(found, "connects-back", found["opens-socket"])
    for name, pattern in world.tables.markup.items():
        if re.search(pattern, text[:MOST_MARKUP], re.IGNORECASE):
            _note(found, name, -1)
    if len(page.code.text) < TINY:
        _note(found, "tiny", -1)
    if not page.markup.strip():
        _note(found, "alone-in-file", -1)
    if any(parent in world.tables.staying_classes for parents in world.classes.values() for parent in parents):
        _note(found, "holds-handler-class", -1)
