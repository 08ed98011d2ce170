"""The readers of all languages, one explicit list."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from codered.detect.scripts.asp.reading import read_asp
from codered.detect.scripts.budget import SECONDS, Budget, spend
from codered.detect.scripts.cgi.reading import read_perl, read_python, read_shell
from codered.detect.scripts.cold_fusion.reading import read_cfm
from codered.detect.scripts.dotnet.reading import read_aspx
from codered.detect.scripts.facts import Fact, Script
from codered.detect.scripts.java.reading import read_java
from codered.detect.scripts.php.reading import read_facts as read_php
from codered.model.indicators import ScriptLanguage

READERS: dict[ScriptLanguage, Callable[[Script], Iterator[Fact]]] = {
    "php": read_php,
    "asp": read_asp,
    "aspx": read_aspx,
    "cfm": read_cfm,
    "perl": read_perl,
    "python": read_python,
    "shell": read_shell,
    "jsp": read_java,
}


class Told(NamedTuple):
    """The facts of a script by their names, each where it was met first, and why it was not read to its end (empty = it
    was).
    """

    facts: dict[str, Fact]
    cut: str


def read_script(script: Script, seconds: float = SECONDS) -> Told:
    """What a script does. Bounded in steps and memory by the readers, in time by a deadline; never raises."""
    reader = READERS.get(script.language)
    found: dict[str, Fact] = {}
    budget = Budget(seconds)
    with spend(budget):
        for fact in reader(script) if reader else ():
            found.setdefault(fact.name, fact)
    return Told(found, budget.cut)


def read_facts(script: Script) -> dict[str, Fact]:
    """The facts of a script by their names."""
    return read_script(script).facts
