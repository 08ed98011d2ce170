"""The scan engine behind one small interface: compile rule sources, match bytes. Nobody else imports yara-x."""

from codered.engine.matching import GaveUp, Matcher, PatternMatch, RuleMatch
from codered.engine.sources import ENGINE_VERSION, CompileProblem, RuleSource, compile_sources, try_each

__all__ = [
    "ENGINE_VERSION",
    "CompileProblem",
    "GaveUp",
    "Matcher",
    "PatternMatch",
    "RuleMatch",
    "RuleSource",
    "compile_sources",
    "try_each",
]
