"""What is told of a script before it is followed: which functions decode, which variables are empty."""

import re

from codered.detect.scripts.flows.folding import is_text
from codered.detect.scripts.flows.grammar import Grammar
from codered.detect.scripts.flows.lines import find_target
from codered.detect.scripts.flows.statements import Program
from codered.detect.scripts.flows.tokens import Token

LONG_TEXT = 100  # characters of a text that is hardly there to be shown
RUNS = ("code", "command")
TERMINAL = re.compile(
    r"(?:^|[\s/;])(?:ba|z|k|da|c|tc)?sh(?:\s{1,3}-\w{1,3})?\s{0,3}(?:$|[<>;&\d])"
    r"|\bcmd(?:\.exe)?\s{0,2}$|^powershell"
)
_STANDARD = frozenset(("STDOUT", "STDERR", "stdout", "stderr"))
_SCHEMES = frozenset(("winmgmts", "winnt", "iis", "ldap", "script", "scriptlet"))
_PLAIN = re.compile(r"[\w ]{0,80}[.:/\\-][\w ./\\:-]{0,200}|[A-Za-z_ ]{0,40}")
_CONSTANTS = frozenset(("vbcrlf", "vbcr", "vblf", "vbtab", "vbnewline", "now", "date", "time", "timer"))
_DUPLICATES = re.compile(r"[+<>]{1,2}&=?\s{0,4}(?!STD|OLD|SAVE|\d|\$?(?:old|save|std))\$?\w", re.IGNORECASE)
_TAKING_APART = frozenset(("mid", "midb", "substr", "substring", "charat"))


def tell_open(handed: list[Token]) -> str:
    """What Perl's `open` does: runs a command, writes or reads."""
    texts = [token.text.strip() for token in handed if is_text(token)]
    if any(text.startswith("|") or text.endswith("|") or text in ("-|", "|-") for text in texts):
        return "command"
    if handed[0].text.lower() == "stdin" and any(_DUPLICATES.match(text) for text in texts):
        return "duplicate"
    return "write-path" if any(text.startswith((">", "+>", "+<")) for text in texts) else "read"


def tell_print(handed: list[Token]) -> str:
    """What Perl's `print` does: it writes to an open file if a handle stands before the rest, without a comma."""
    first, after = (handed[0], handed[1]) if len(handed) > 1 else (None, None)
    if first is None or after is None or first.kind != "name" or first.text in _STANDARD:
        return ""
    return "write-content" if after.kind == "name" or is_text(after) else ""


def find_held(value: list[Token], grammar: Grammar) -> str:
    """What is done by a function that a value names without calling it, empty if it is none that runs anything."""
    for token, after in zip(value[:40], [*value[1:40], None], strict=False):
        use = grammar.calls.get(token.text.lower(), "") if token.kind == "name" and grammar.syntax == "c" else ""
        if use in RUNS and (after is None or after.text in (",", "}", "]", ")")):
            return use
    return ""


def name_object(text: str) -> str:
    """The name of a class in lower case; of `winmgmts:{…}!…` only what stands in front."""
    scheme, colon, _ = text[:300].lower().partition(":")
    return scheme + colon if colon and scheme in _SCHEMES else text[:300].lower()


def find_blank(program: Program, grammar: Grammar) -> dict[str, str]:
    """Variables that nothing is ever assigned to, which only stand between pieces of texts: they are empty."""
    if grammar.syntax != "vb":
        return {}
    used: set[str] = set()
    assigned = {name for parameters in program.functions.values() for name in parameters} | set(program.functions)
    for tokens, _ in program.statements:
        assigned.add(find_target(list(tokens), "vb")[0])
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if token.kind == "name" and before.text == "&" == after.text:
                used.add(token.text.lower())
    return dict.fromkeys(used - assigned - grammar.texts.keys() - grammar.sources.keys() - _CONSTANTS, "")


def looks_encoded(token: Token) -> bool:
    """Whether a text that is handed to a function is neither a word nor the name of a file."""
    return is_text(token) and len(token.text) >= 12 and not _PLAIN.fullmatch(token.text[:200])


def find_decoding(program: Program, grammar: Grammar) -> frozenset[str]:
    """The functions of the file that take texts apart or count characters."""
    marks = ("character", "reverse", "percent", "base64")
    return frozenset(
        statement.function
        for statement in program.statements
        if statement.function
        and any(
            token.kind == "name"
            and (grammar.texts.get(token.text.lower()) in marks or token.text.lower() in _TAKING_APART)
            for token in statement.tokens
        )
    )
