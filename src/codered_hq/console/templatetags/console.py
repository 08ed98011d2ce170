"""Filters and tags of the console's templates: words, numbers, times and states as people read them."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils.html import format_html

from codered_hq.console import wording

register = template.Library()

_TONES = {
    "is-bad": (
        "infected", "critical", "stuck", "failed", "refused", "vetoed", "overdue", "missed", "given_up", "rejected",
        "diverged", "unreached", "likely", "crashed", "confirmed",
    ),
    "is-warn": (
        "suspect", "suspicious", "vulnerable", "attacked", "high", "blocked", "awaiting", "expired", "incomplete",
        "partly", "undoing", "late", "waiting", "paused",
    ),
    "is-held": ("contained", "holding"),
    "is-busy": ("cleaned", "running", "claimed", "queued", "begun", "retrying", "medium"),
    "is-good": (
        "verified", "clean", "done", "answered", "allowed", "taken", "approved", "sent", "covered", "passed", "true",
    ),
    "is-info": ("watch", "open", "draft", "issued", "info"),
}  # fmt: skip
_WORDS = {"holding": "in place", "undone": "taken back", "taken": "carried out", "begun": "being done"}
"""What people call states of decisions and containments."""
_TONE_OF = {state: tone for tone, states in _TONES.items() for state in states}


@register.filter
def word(value: object) -> str:
    """A name of the program as people read it: not_reached → not reached; "" → –."""
    return str(value or "–").replace("_", " ")


@register.filter
def state_word(state: object) -> str:
    """A state as people call it: holding → in place."""
    return _WORDS.get(str(state), word(state))


@register.filter
def number(value: object) -> str:
    """50000 → 50,000; what is no number stays as it is."""
    return f"{value:,}" if isinstance(value, int | float) else str(value)


@register.filter
def moment(value: object) -> str:
    """A time (aware; or as ISO 8601 says it) as <time>2001-07-19 14:05 UTC</time>; what is none → –."""
    if isinstance(value, str):
        value = _read_moment(value)
    if not isinstance(value, datetime):
        return "–"
    utc = value.astimezone(UTC)
    return format_html('<time datetime="{}">{}</time>', f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%Y-%m-%d %H:%M} UTC")


def _read_moment(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else None


@register.filter
def for_page(text: object) -> str:
    """An error's words with pages and fields in place of commands and options."""
    return wording.word_for_page(str(text))


@register.filter
def in_words(text: object) -> str:
    """A sentence of ours with kinds of actions as people call them."""
    return wording.word_kinds(str(text))


@register.filter
def seconds_word(value: object) -> str:
    """Seconds as 3 days, 2 h 5 min, 4 min or 20 s; negative ones as they are since."""
    if not isinstance(value, int | float):
        return "–"
    whole = abs(int(value))
    if whole >= 2 * 86_400:
        return f"{whole // 86_400} days"
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min" if whole >= 60 else f"{whole} s"


@register.filter
def cut_tlp(value: object) -> str:
    """AMBER+STRICT → AMBER: which colour it has."""
    return str(value).partition("+")[0]


@register.inclusion_tag("console/badge.html")
def badge(state: object, more: str = "", text: str = "") -> dict[str, Any]:
    """A state as a badge: {% badge host.state %}, {% badge "high" "severity" %}, {% badge x text="in place" %}."""
    name = str(state or "unknown")
    return {"state": name, "tone": _TONE_OF.get(name, ""), "text": text or state_word(name), "more": more}


@register.simple_tag
def countdown(until: datetime | None, at: datetime, name: str = "") -> str:
    """How long until a time (both aware), as server text that console.js then lets run: {% countdown x now %}."""
    if until is None:
        return "–"
    left = (until - at).total_seconds()
    told = f"{seconds_word(left)} late" if left < 0 else f"in {seconds_word(left)}"
    late = "late" if left < 0 else "soon" if left < 300 else ""
    return format_html(
        '<time class="countdown {} {}" datetime="{}" data-until="{}">{}</time>',
        late, name, f"{until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", int(until.timestamp()), told,
    )  # fmt: skip
