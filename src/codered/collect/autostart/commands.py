"""Which programs and scripts a command line names, as far as one can tell without running it."""

import re

from codered.collect.autostart.tables import table

MOST_COMMAND = 8192  # bytes of a command that are looked at
MOST_RUN = 32
_SEPARATORS = re.compile(
    r"[;&|()`{}\n]+|\$\(|\bExec[A-Z][A-Za-z]{0,20}=[-@:+!|]*"
)  # of shells, and of units they write
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_REDIRECTION = re.compile(r"(?:(?<![^\s;&|(])[0-9]{1,3})?(?:&>>?|[<>]{1,3}[&|]?)")
_VERSION = re.compile(r"[0-9.]+\Z")
_QUOTES = str.maketrans("", "", "\"'\\")
_SHELLS = frozenset(name.decode() for name in table("shells"))
_INTERPRETERS = frozenset(name.decode() for name in table("interpreters")) | _SHELLS
_TAKE_FILES = ("at", "batch")  # with the option -f
_WRAPPERS = frozenset(name.decode() for name in table("wrappers"))
_LOCKERS = frozenset(name.decode() for name in table("lockers"))  # wrappers whose first argument is a file
_TO = ">"  # what any redirection is read as: the next word is a place, not a program


def list_programs(command: str) -> tuple[str, ...]:
    """What a command line runs: the programs, and the scripts given to an interpreter, in order, each once. Only what
    is named by a path counts (`/x`, `./x`, `~/x`, `$HOME/x`).
    """
    found: dict[str, None] = {}
    plain = _REDIRECTION.sub(f" {_TO} ", command[:MOST_COMMAND])
    for part in _SEPARATORS.split(plain):
        for name in _read_simple(part.translate(_QUOTES).split()):
            if _is_path(name):
                found[name] = None
        if len(found) >= MOST_RUN:
            break
    return tuple(found)[:MOST_RUN]


def _read_simple(words: list[str]) -> list[str]:
    """The program of one simple command, behind assignments and wrappers, and the scripts it is given."""
    found: list[str] = []
    waiting = True  # for the name of a program
    last = ""
    place = False  # the next word is where something is written, read or locked
    for word in words:
        if word.startswith("#"):
            break
        if place:
            place = last in _LOCKERS and (word.startswith("-") or _is_duration(word))  # options come before it
            continue
        place = place or word == _TO
        if word == _TO:
            continue
        if word.startswith("-"):
            waiting = waiting or (word == "-f" and last in _TAKE_FILES) or (word == "-c" and last in _INTERPRETERS)
            continue
        if not waiting or _ASSIGNMENT.match(word):
            continue
        found.append(word)
        last = _VERSION.sub("", word.rpartition("/")[2])
        # Behind a wrapper comes the program; options of wrappers may have a number of their own.
        waiting = last in _WRAPPERS or last in _INTERPRETERS or not last or _is_duration(word)
        place = last in _LOCKERS
    return found


def _is_duration(word: str) -> bool:
    return word.rstrip("smhd").isdigit()


def _is_path(word: str) -> bool:
    if word.startswith("/dev/") and not word.startswith("/dev/shm/"):  # noqa: S108
        return False
    return word.startswith(("/", "./", "~/", "$HOME/", "${HOME}/", "../")) and bool(word.strip("/."))
