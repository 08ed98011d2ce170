"""The threat model names tests that are there, and hides no row without one."""

import re

from tests.architecture.source_tree import ROOT, demand_none
from tests.architecture.test_security_page import NAMED, find_missing

PAGE = ROOT / "docs" / "threat-model.md"
CHAPTERS = (
    "A hostile host", "A hostile file", "A stolen key", "A hostile pack", "An insider", "Hostile updates",
    "The supply chain", "Confined parsers", "Other programs",
)  # fmt: skip


def find_unproved(text: str) -> list[str]:
    """Rows of the tables of attacks that name neither a test nor why none can be."""
    behind = text.partition("## A hostile host")[2]
    heads = ("it tries", "he tries", "claim", "program")
    rows = [line for line in behind.splitlines() if line.startswith("| ") and line[2:].split(" |")[0] not in heads]
    assert len(rows) > 50
    return [
        f"{row[:60]}: neither a test nor a word why none"
        for row in rows
        if not NAMED.search(row) and "**no test" not in row
    ]


def test_every_test_that_is_named_is_there() -> None:
    text = PAGE.read_text("utf-8")
    assert len(set(NAMED.findall(text))) > 70
    demand_none(find_missing(text))


def test_every_row_names_a_test_or_says_why_none_can_be() -> None:
    text = PAGE.read_text("utf-8")
    demand_none(find_unproved(text))
    assert find_unproved(text + "| an attack | nothing | all | |\n") != []


def test_every_attacker_has_a_chapter() -> None:
    text = PAGE.read_text("utf-8")
    demand_none(f"no chapter: {name}" for name in CHAPTERS if not re.search(f"^## {name}", text, re.M))
