"""Writes docs/reference/ and the list of decisions. `--check` writes nothing and exits 1 when a page is stale."""

import sys
from functools import cache
from pathlib import Path

from codered.model.errors import ExitCode
from scripts import (
    reference_codes,
    reference_decisions,
    reference_documents,
    reference_examples,
    reference_settings,
    reference_words,
)
from scripts.command_pages import read_words
from scripts.reference_exits import find_exits
from scripts.reference_texts import TEXTS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"


@cache
def build_pages() -> dict[str, str]:
    """Path from docs/reference -> Markdown."""
    words = read_words()
    exits = find_exits(words)
    return {
        **reference_words.list_pages(words, exits),
        "exit-codes.md": reference_codes.write_page(words, exits),
        "schemas.md": reference_documents.write_page(),
        "configuration.md": reference_settings.write_page(),
        "../decisions/README.md": reference_decisions.write_page(),
    }


def find_stale() -> list[str]:
    """The pages that are not what the code says, and those of words that are gone."""
    pages = build_pages()
    stale = [
        name
        for name, text in pages.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != text
    ]
    gone = {f"cli/{path.name}" for path in (FOLDER / "cli").glob("*.md")} - set(pages)
    return sorted([*stale, *gone])


def find_unsaid() -> list[str]:
    """What only the code has, or only scripts/reference_texts.toml and reference_examples.py."""
    words = {word.path[1] for word in read_words() if len(word.path) == 2}
    variables = {name for group in TEXTS.variables.values() for name in group}
    pairs = {
        "reference_examples.py": (words, set(reference_examples.EXAMPLES)),
        "[exits]": ({code.name for code in ExitCode}, set(TEXTS.exits)),
        "[variables]": (reference_settings.find_variables(), variables),
        "[writers]": (set(reference_documents.list_documents()), set(TEXTS.writers)),
    }
    for section, fields in reference_settings.list_sections().items():
        pairs[f"[keys] {section}"] = ({one.encode_name for one in fields}, set(TEXTS.keys[section]))
    return sorted(f"{place}: {name}" for place, (wanted, said) in pairs.items() for name in wanted ^ said)


def main() -> int:
    """Write the pages, or check them."""
    unsaid = find_unsaid()
    for one in unsaid:
        sys.stderr.write(f"only in the code or only in the texts: {one}\n")
    stale = find_stale()
    if "--check" in sys.argv[1:]:
        if stale:
            sys.stderr.write(f"stale: {', '.join(stale)} — run scripts/make-reference\n")
        return int(bool(stale or unsaid))
    (FOLDER / "cli").mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in build_pages():
            (FOLDER / name).write_text(build_pages()[name], "utf-8")
        else:
            (FOLDER / name).unlink()
    return int(bool(unsaid))


if __name__ == "__main__":
    sys.exit(main())
