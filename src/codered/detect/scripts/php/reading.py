"""The facts of a PHP script."""

from collections.abc import Iterator

from codered.detect.scripts.facts import Fact, Script
from codered.detect.scripts.php.program import Program
from codered.detect.scripts.php.shape import find_shape_facts
from codered.detect.scripts.php.statements import Reading
from codered.detect.scripts.php.tokens import tokenize

MOST_TWICE = 40_000  # tokens: longer scripts are read once only


def read_facts(script: Script) -> Iterator[Fact]:
    """What a PHP script does and shows. Bounded by steps, whatever the text is."""
    program = Program(tokenize(script.text))
    reading = Reading(script.text, program)
    _run(reading)
    if program.size < MOST_TWICE:
        reading.answers.clear()
        _run(reading)
    yield from reading.facts.values()
    yield from find_shape_facts(script.text, program, reading)


def _run(reading: Reading) -> None:
    program = reading.program
    reading.run_range(0, program.size)
    for name in list(reading.functions):
        function = reading.functions[name]
        if name not in reading.called and reading.steps > 0:
            reading.called.add(name)
            reading.run_function(function, name, [])
    reading.program = program
