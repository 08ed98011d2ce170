"""Filters of the crisis pages: hostile text made readable, and what people call our words."""

from typing import Final

from django import template

from codered.export.writing.escaping import legible
from codered_hq.gate.showing import DecisionView
from codered_hq.reporting.words import name_word

MOST_SHOWN: Final = 4_000
MOST_TARGET: Final = 160
register = template.Library()


@register.filter
def shown(text: object, most: int = MOST_SHOWN) -> str:
    """Text of whatever origin on one line, with every sign that hides or moves others spelt out; the template escapes
    it.
    """
    return legible(str(text), most)


@register.filter
def as_lines(text: object) -> list[str]:
    """The same for a text of several lines."""
    return [legible(line) for line in str(text)[:MOST_SHOWN].splitlines()]


@register.filter
def kind_word(kind: object) -> str:
    """What people call a kind of action."""
    return name_word("kinds", str(kind))


@register.filter
def target_word(view: DecisionView) -> str:
    """What a decision is about, as people call it: iis-nimda (host #6)."""
    return shown(view.name.removeprefix(f"{view.kind} ") or view.target, MOST_TARGET)


@register.filter
def step_word(step: object) -> str:
    """What people call a step of the response."""
    return name_word("steps", str(step))
