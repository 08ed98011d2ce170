"""What the pages of the reference say beside what the code says of itself: reference_texts.toml."""

from pathlib import Path

import msgspec

MADE = "<!-- Written by scripts/make-reference: change the code or scripts/reference_texts.toml, not this page. -->"
UNSAID = "(not said)"
"""What stands for a text that reference_texts.toml lacks: scripts/make-reference names it, and a test fails."""


class Exit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an exit code means, and what to do then."""

    means: str
    do: str


class Texts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Markdown, a sentence or two each. `exits` by the code's name; `variables` by group, then name; `keys` by section
    of headquarters.toml as it is written ("" = its top), then key; `writers`: what makes a document, by its schema.
    """

    exits: dict[str, Exit]
    variables: dict[str, dict[str, str]]
    keys: dict[str, dict[str, str]]
    writers: dict[str, str]


TEXTS = msgspec.toml.decode(Path(__file__).with_suffix(".toml").read_bytes(), type=Texts)
