"""Whether a regular expression is one that the engine accepts."""

from codered.engine import CompileProblem, RuleSource, compile_sources
from codered.packs.checks.character_classes import explain_classes
from codered.packs.generating import write_label
from codered.packs.strict_yaml import shorten


def explain_pattern(pattern: str) -> str:
    """Why the engine does not accept the pattern; "" if it does."""
    try:
        compile_sources([RuleSource("check", write_label("check", pattern), "pattern")])
    except ValueError as error:
        return f"not a pattern: {error}"
    except CompileProblem as problem:
        return f"not a pattern: {shorten(problem.message)}"
    return explain_classes(pattern)
