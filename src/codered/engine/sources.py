"""Rule sources to one compiled, serialised rule set."""

import io
import re
from pathlib import Path

import msgspec
import yara_x


def _find_version() -> str:
    """The engine's version from the name of its metadata folder: importlib.metadata takes 14 ms to say the same. In a
    bundle without metadata the size of the module stands in, for the version only has to differ when the engine does.
    """
    module = Path(yara_x.__file__)
    named = sorted(folder.name for folder in module.parent.parent.glob("yara_x-*.dist-info"))
    return named[-1].split("-")[1].removesuffix(".dist") if named else f"of {module.stat().st_size} bytes"


ENGINE_VERSION = "yara-x " + _find_version()
_VAGUE = ("syntax error", "invalid regular expression")
"""What the engine says only in the picture below: what it did not expect."""
_UNDERLINED = re.compile(r"^ *\|? *\^+ (?P<why>[^\n]{1,300})", re.MULTILINE)
_AT_LINE = re.compile(r"-->\s*(?P<origin>[^\n]*?):(?P<line>\d+):\d+")


class RuleSource(msgspec.Struct, frozen=True):
    """YARA source text; `namespace` comes back with every match (we use the pack's name), `origin` with every error."""

    namespace: str
    text: str
    origin: str


class CompileProblem(Exception):
    """The source does not compile: `message` in one line, `line` counts from 1 (0 = unknown)."""

    def __init__(self, origin: str, line: int, message: str) -> None:
        super().__init__(f"{origin}:{line}: {message}")
        self.origin = origin
        self.line = line
        self.message = message


def compile_sources(sources: list[RuleSource], *, refuse_slow: bool = False, relaxed: bool = False) -> bytes:
    """Compile to a serialised rule set that `Matcher` loads. Includes are refused, and with `refuse_slow` also patterns
    the engine can't search quickly; `relaxed` takes escapes and braces in patterns as YARA 4 does. Raises
    CompileProblem.
    """
    compiler = yara_x.Compiler(includes_enabled=False, error_on_slow_pattern=refuse_slow, relaxed_re_syntax=relaxed)
    for source in sources:
        compiler.new_namespace(source.namespace)
        try:
            compiler.add_source(source.text, source.origin)
        except yara_x.CompileError as error:
            raise _explain(source.origin, str(error)) from None
    out = io.BytesIO()
    compiler.build().serialize_into(out)
    return out.getvalue()


def try_each(sources: list[RuleSource]) -> list[CompileProblem | None]:
    """For each source of a rule or an import what is wrong with it, None if nothing. They share one namespace, so that
    a rule may use those before it; slow patterns are wrong, relaxed ones are not.
    """
    compiler = yara_x.Compiler(includes_enabled=False, error_on_slow_pattern=True, relaxed_re_syntax=True)
    problems: list[CompileProblem | None] = []
    for source in sources:
        try:
            compiler.add_source(source.text, source.origin)
        except yara_x.CompileError as error:
            problems.append(_explain(source.origin, str(error)))
        else:
            problems.append(None)
    return problems


def _explain(origin: str, message: str) -> CompileProblem:
    place = _AT_LINE.search(message)
    first = re.sub(r"^\[\w+\]:\s*", "", message.strip().splitlines()[0].removeprefix("error").lstrip())
    if first in _VAGUE and (told := _UNDERLINED.search(message)):
        first = f"{first}: {told['why']}"
    return CompileProblem(origin, int(place["line"]) if place else 0, first)
