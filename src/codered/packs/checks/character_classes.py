"""Whether the engine reads the character classes of a regular expression as they are written.

yara-x 1.23 miscompiles some classes with four members: `[",' ]` matches `$` and `(`, and neither quote. A rule that
silently looks for something else is worse than one that is refused, so every class is tried on every byte.
"""

import re
from functools import lru_cache

from codered.engine import CompileProblem, Matcher, RuleSource, compile_sources

_CLASS = re.compile(r"\\.|(\[\^?\]?(?:\\.|[^\]\\])*\])", re.DOTALL)
_PREFIX = "CLASS-PROBE"


def explain_classes(pattern: str) -> str:
    """The first class of the pattern that the engine reads otherwise than written, and how; "" if there is none."""
    return next(filter(None, (_explain(found[1]) for found in _CLASS.finditer(pattern) if found[1])), "")


@lru_cache(maxsize=1024)
def _explain(written: str) -> str:
    try:
        meant = re.compile((_PREFIX + written).encode("latin-1"), re.DOTALL)
        rule = f"rule probe {{ strings: $p = /{_PREFIX}{written}/ condition: $p }}"
        read = Matcher(compile_sources([RuleSource("probe", rule, "class")]))
    except (re.error, CompileProblem, UnicodeEncodeError):
        return ""  # no class on its own: whether the whole pattern compiles is another check
    start = _PREFIX.encode()
    wrong = [
        byte for byte in range(256) if read.hits(start + bytes([byte])) != bool(meant.match(start + bytes([byte])))
    ]
    if not wrong:
        return ""
    odd = ", ".join(ascii(chr(byte)) for byte in wrong[:4])
    return f"the engine misreads the class {written}: wrong for {odd}"
