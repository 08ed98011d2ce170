"""The facts of a PHP script."""

from bisect import bisect_left
from collections.abc import Iterator

from codered.detect.scripts.budget import keep_what_was_read, note_cut
from codered.detect.scripts.facts import Fact, Script
from codered.detect.scripts.php.program import Function, Program
from codered.detect.scripts.php.shape import find_shape_facts
from codered.detect.scripts.php.statements import Reading
from codered.detect.scripts.php.tables import TABLES
from codered.detect.scripts.php.tokens import MOST_TOKENS, tokenize

MOST_TWICE = 40_000  # tokens: longer scripts are read once only
LONG = 3000  # tokens: of longer scripts only those functions are read that may matter, or are called

_MATTERS = frozenset(
    word
    for table in (
        *(TABLES.code, TABLES.command, TABLES.pattern, TABLES.callback, TABLES.write, TABLES.keep, TABLES.query),
        *(TABLES.connect, TABLES.load, TABLES.unserialize, TABLES.mail, TABLES.login, TABLES.remove, TABLES.list),
        *(TABLES.reflection, TABLES.shell_objects, TABLES.visitor, TABLES.visitor_calls, TABLES.unreadable),
        *(("include", "include_once", "require", "require_once", "$_server", "$_files", "$globals", "extract"),),
    )
    for word in table
)


def read_facts(script: Script) -> Iterator[Fact]:
    """What a PHP script does and shows. Bounded by steps, whatever the text is."""
    program = Program(tokenize(script.text))
    reading = Reading(script.text, program)
    told = list_places_that_matter(program) if program.size > LONG else None
    with keep_what_was_read():
        _run(reading, told)
        if program.size < (MOST_TWICE if reading.facts else LONG):
            reading.answers.clear()
            _run(reading, told)
    reading.program = program
    if reading.steps <= 0:
        note_cut("more steps than a script may take")
    if program.size >= MOST_TOKENS:
        note_cut("more words than are read")
    yield from reading.facts.values()
    yield from find_shape_facts(script.text, program, reading)


def list_places_that_matter(program: Program) -> list[int]:
    """The tokens at which something may be done with a visitor's data or with hidden code, in order."""
    tokens = program.tokens
    found = []
    for index, (kind, text, _) in enumerate(tokens):
        if kind == "name":
            matters = text.lower() in _MATTERS
        elif kind == "variable":
            matters = tokens[index + 1].text == "(" or text.lower() in _MATTERS
        elif kind in ("double", "heredoc"):
            matters = "$_" in text
        else:
            matters = kind == "tick" or text == "$" or (text in ("]", "}", ")") and tokens[index + 1].text == "(")
        if matters:
            found.append(index)
    return found


def _matters(function: Function, places: list[int]) -> bool:
    first = bisect_left(places, function.start)
    return first < len(places) and places[first] < function.end


def _run(reading: Reading, places: list[int] | None) -> None:
    program = reading.program
    reading.run_range(0, program.size)
    for name in list(reading.functions):
        function = reading.functions[name]
        if name in reading.called or reading.steps <= 0:
            continue
        if places is None or function.program is not program or _matters(function, places):
            reading.called.add(name)
            reading.run_function(function, name, [])
    reading.program = program
