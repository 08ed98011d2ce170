"""How a PHP script looks as a whole."""

import re
from collections.abc import Iterator

from codered.detect.scripts.encoded import measure_encoded_share
from codered.detect.scripts.facts import Fact
from codered.detect.scripts.php.program import Program
from codered.detect.scripts.php.state import State
from codered.detect.scripts.php.tables import TABLES

_TINY = 60  # tokens
_SMALL = 700
_ODD = re.compile(r"\$(?:[Il1O0_oi]{4,}|_{1,8}|(?=[A-Za-z0-9]*\d[A-Za-z]+\d)[A-Za-z0-9]{6,})\Z|\$[^\x00-\x7f]{2,}")
_CALLS_ITSELF = re.compile(r"web\s?shell|back\s?door|\bshell(?:\s+v?\d|\s+by\b)|php\s?shell|hacked\s+by", re.IGNORECASE)
_XML_CALL = re.compile(r"function(?:String)?\(\s{0,4}\\?['\"](?:assert|system|exec|eval|passthru|shell_exec|popen)\b")
_CARRIED = re.compile(
    r"<\?(?:php|=)?\s{0,4}@?(?:eval|system|passthru|assert|exec|shell_exec)\s{0,4}\(\s{0,4}(?:stripslashes\()?"
    r"\\?\$_(?:GET|POST|REQUEST|COOKIE)",
    re.IGNORECASE,
)
_DATABASE_PROGRAM = re.compile(r"\breturns\s{1,4}(?:string|integer|int|real)\s{1,4}soname\b", re.IGNORECASE)
_FRAMEWORK = frozenset(("include", "include_once", "require", "require_once", "namespace", "interface", "trait"))
_MOST_ABILITIES = 6
_RUNS_CODE = frozenset(("runs-computed-code", "runs-unset-value", "runs-hidden-code", "runs-decoded-code"))
_FILE_FACTS = (
    "reads-request-file",
    "lists-request-folder",
    "removes-request-file",
    "writes-request-file",
    "copies-request-file",
    "opens-request-file-to-write",
    "keeps-upload-anywhere",
)


def find_shape_facts(text: str, program: Program, reading: State) -> Iterator[Fact]:
    """The facts that the whole script gives, once it has been read."""
    names = {token.text.lower() for token in program.tokens if token.kind == "name"} | reading.names
    facts = reading.facts
    if program.size <= _TINY:
        yield Fact("tiny")
    if program.size <= _SMALL:
        yield Fact("short")
    if measure_encoded_share(text) > 0.5:
        yield Fact("mostly-encoded")
    if sum(name in facts for name in _FILE_FACTS) >= 3:
        yield Fact("does-file-work")
    if len(names & TABLES.system_words) >= 4 and "runs-commands" in facts:
        yield Fact("does-system-work")
    if "logs-in-as-request-says" in facts and "runs-request-query" in facts:
        yield Fact("does-database-work")
    if len(names & TABLES.silencers) >= 2:
        yield Fact("silences-errors")
    if found := _CALLS_ITSELF.search(text):
        yield Fact("names-itself-shell", found.start(), text[max(0, found.start() - 40) : found.end() + 100])
    if "registerphpfunctions" in text.lower() and (found := _XML_CALL.search(text)):
        yield Fact("runs-code-from-xml", found.start(), text[max(0, found.start() - 40) : found.end() + 100])
    for name, form in (("carries-shell", _CARRIED), ("loads-database-program", _DATABASE_PROGRAM)):
        if found := form.search(text):
            yield Fact(name, found.start(), text[max(0, found.start() - 40) : found.end() + 100])
    if not names & _FRAMEWORK and _count_abilities(names, reading) >= _MOST_ABILITIES:
        yield Fact("has-many-abilities")
    if "connects" in facts and ("starts-terminal" in facts or "connects-back" in facts):
        yield facts["connects"]._replace(name="connects-back")
    variables = {token.text for token in program.tokens if token.kind == "variable"}
    if len(variables) >= 3 and sum(bool(_ODD.match(name)) for name in variables) > len(variables) / 2:
        yield Fact("odd-names")
    if not any(token.kind == "name" and token.text in ("function", "class") for token in program.tokens):
        yield Fact("alone-in-file")


def _count_abilities(names: set[str], reading: State) -> int:
    """How many different things that intruders want a script does, whoever decides what exactly."""
    told = sum(bool(names & words) for words in TABLES.abilities)
    return told + ("runs-commands" in reading.facts) + bool(reading.facts.keys() & _RUNS_CODE)
