"""The messages that docs/troubleshooting.md quotes are those of the tool."""

import re
from collections.abc import Iterator

from tests.fixtures.guides import DOCS

SOURCES = ("src/codered", "src/codered_hq")


def read_messages() -> list[str]:
    rows = re.findall(r"^\| `([^`]+)` \|", (DOCS / "troubleshooting.md").read_text(), re.MULTILINE)
    return [str(row) for row in rows]


def read_code() -> str:
    """All texts of the tool; those that are split over lines are joined, what is filled in becomes `…`."""
    return "\n".join(_join(text) for text in _read_files())


def _read_files() -> Iterator[str]:
    for folder in SOURCES:
        for path in sorted((DOCS.parent / folder).rglob("*.py")):
            yield path.read_text()
    yield (DOCS.parent / "scripts/set-up-venv").read_text()


def _join(text: str) -> str:
    joined = re.sub(r'"\s*\n\s*f?"', "", text)
    return re.sub(r"\{[^{}\n]*\}|\$venv", "…", joined)


def find_unsaid(messages: list[str], code: str) -> list[str]:
    """The messages of which some part stands nowhere in the code."""
    return [message for message in messages if not all(part in code for part in message.split("…"))]


def test_each_message_is_one_of_the_tool() -> None:
    messages = read_messages()
    assert len(messages) == 12
    assert find_unsaid(messages, read_code()) == []


def test_a_message_that_is_said_no_more_is_told() -> None:
    code = _join('raise Refused(f"the vault needs {needed} bytes "\n    "and more", where="here")')
    assert find_unsaid(["the vault needs … bytes and more", "the vault is full"], code) == ["the vault is full"]
