"""What a command line runs in the end: the script, code or program behind an interpreter's options or a launcher.

How each program takes its options is data, the list `process-options`: `NAMES key:value …`, names and values joined by
commas. Keys: `code` (what follows is code), `value` (a value follows), `attached` (a value may be joined to it),
`script` (the script follows), `module` (something without a path follows), `place` (a class path follows), `words`
(bare words to pass over), `bare` (what the first bare word is: script, code, command or class), `skip` (so many bare
words come before it), `letters` (`single`: options are no clusters of letters; `late`: values follow after the
cluster, as in shells).
"""

import fnmatch
import posixpath
import re
from typing import Literal, NamedTuple

import msgspec

MOST_LAUNCHERS = 8  # a launcher of a launcher of …
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=", re.ASCII)
_OPTION_KEYS = ("code", "value", "attached", "script", "module", "place")

RunKind = Literal["nothing", "code", "script", "module", "program"]


class Run(NamedTuple):
    """What is run: `kind`, its `text` (code, or a path as it was given), and by which `program` (a base name)."""

    kind: RunKind
    text: str
    program: str


class _Options(msgspec.Struct, frozen=True):
    names: re.Pattern[str]
    meanings: dict[str, str]
    words: frozenset[str]
    bare: str
    skip: int
    letters: str


class _Step(NamedTuple):
    """What one command line comes to: `command` stands for another command line in `rest`."""

    kind: str
    text: str
    rest: tuple[str, ...]


_NOTHING = _Step("nothing", "", ())


class CommandReader:
    """Reads command lines of shells, interpreters and launchers."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        self._options = [_parse_line(line) for line in lines]
        self._known: dict[str, _Options | None] = {}

    def read(self, name: str, arguments: tuple[str, ...]) -> Run:
        """What the program `name` runs when it is given these arguments; `nothing` if it runs nothing else."""
        for depth in range(MOST_LAUNCHERS):
            options = self._find(name)
            if options is None:
                return Run("nothing", "", name)
            step = _follow(options, arguments)
            if step.kind != "command":
                return Run(step.kind, step.text, name)  # type: ignore[arg-type]
            inner = posixpath.basename(step.text)
            if depth == MOST_LAUNCHERS - 1 or not self.knows(inner):
                return Run("program", step.text, inner)
            name, arguments = inner, step.rest
        return Run("nothing", "", name)

    def knows(self, name: str) -> bool:
        """Whether a program of this name runs what its command line says."""
        return self._find(name) is not None

    def _find(self, name: str) -> _Options | None:
        if name not in self._known:
            self._known[name] = next((one for one in self._options if one.names.match(name)), None)
        return self._known[name]


def _parse_line(line: str) -> _Options:
    names, *parts = line.split()
    fields = {key: value.split(",") for key, _, value in (part.partition(":") for part in parts)}
    meanings = {option: key for key in _OPTION_KEYS for option in fields.get(key, ())}
    return _Options(
        names=re.compile("|".join(map(fnmatch.translate, names.split(",")))),
        meanings=meanings,
        words=frozenset(fields.get("words", ())),
        bare=fields.get("bare", ["script"])[0],
        skip=int(fields.get("skip", ["0"])[0]),
        letters=fields.get("letters", [""])[0],
    )


def _follow(options: _Options, arguments: tuple[str, ...]) -> _Step:
    """Pass over the options to what they are for."""
    place, at, skip, ended = "", 0, options.skip, False
    while at < len(arguments):
        one = arguments[at]
        at += 1
        if ended or not (one.startswith(("-", "+")) or one in options.meanings):
            meaning = _weigh_bare(options, one, skip)
            if meaning == "skip":
                skip -= 1
            elif meaning:
                return _end(meaning, one, arguments[at:], place)
            continue
        if one in ("-", "--"):
            if one == "-" and not options.letters and options.bare == "script":
                return _NOTHING  # it reads what to do from its input
            ended = one == "--" or options.letters == "late"
            continue
        meaning, joined = _weigh_option(options, one)
        value = joined if joined is not None or not meaning else "".join(arguments[at : at + 1])
        if meaning in ("code", "script", "module"):
            return _Step(meaning, value or "", ())
        if meaning == "place":
            place = place or value or ""
        if meaning in ("value", "place") and joined is None:
            at += 1
    return _end("nothing", "", (), place)


def _end(meaning: str, text: str, rest: tuple[str, ...], place: str) -> _Step:
    """The last word on it: a class of Java lies where its class path says."""
    if meaning == "class":
        meaning = "script" if "/" in text or text.endswith(".java") else "module"
    if place and meaning in ("module", "nothing"):
        return _Step("script", place.partition(":")[0], ())
    return _Step(meaning, text, rest)


def _weigh_bare(options: _Options, word: str, skip: int) -> str:
    """What a word that is no option is: `skip`, "" (to be passed over) or the kind of what is run."""
    if word in options.words or not word:
        return ""
    if options.bare == "command" and _ASSIGNMENT.match(word):
        return ""
    return "skip" if skip else options.bare


def _weigh_option(options: _Options, option: str) -> tuple[str, str | None]:
    """What an option means ("" = nothing to us), and the value that is joined to it."""
    name, equals, value = option.partition("=")
    if name in options.meanings:
        return options.meanings[name], value if equals else None
    if option.startswith("--") or options.letters == "single":
        return "", None
    found = [(options.meanings.get(option[0] + letter, ""), at) for at, letter in enumerate(option[1:], 2)]
    if options.letters == "late":
        known = {meaning for meaning, _ in found}
        return ("code" if "code" in known else "value" if "value" in known else ""), None
    meaning, at = next(((meaning, at) for meaning, at in found if meaning), ("", 0))
    return meaning, option[at:] or None
