"""docs/reference/ is what the code says today, and its examples can be typed."""

import os
import re
import shlex

import click
import pytest

from codered.cli import codered
from codered.model.errors import ExitCode
from scripts import make_reference, reference_exits
from scripts.command_pages import find_summary, read_words
from scripts.reference_examples import EXAMPLES
from scripts.reference_texts import UNSAID
from scripts.reference_words import escape
from tests.architecture.source_tree import demand_none

LINES = [line for examples in EXAMPLES.values() for _, line in examples]


def test_the_reference_is_fresh() -> None:
    assert make_reference.find_stale() == [], "run scripts/make-reference and read the difference"


def test_nothing_is_left_unsaid() -> None:
    demand_none(make_reference.find_unsaid())
    demand_none(name for name, text in make_reference.build_pages().items() if UNSAID in text)


def test_every_word_and_option_explains_itself() -> None:
    words = read_words()
    demand_none(f"{word.name}: no help" for word in words if not word.summary)
    demand_none(
        f"{word.name} {param.forms[-1]}: no help"
        for word in words
        for param in word.params
        if param.is_option and not param.text
    )


def test_help_is_whole_sentences() -> None:
    words = read_words()
    demand_none(f"{word.name}: {word.paragraphs[0]}" for word in words if not word.paragraphs[0].endswith((".", ":")))
    texts = [(word, param) for word in words for param in word.params if param.text]
    demand_none(f"{word.name} {param.forms}: {param.text}" for word, param in texts if param.text[-1] not in ".)…")


@pytest.mark.parametrize("line", LINES)
def test_examples_can_be_typed(line: str) -> None:
    """Each is parsed by its command, which does not run: an option that is gone fails."""
    program, *arguments = shlex.split(line)
    assert program == "codered"
    command: click.Command = codered
    context = click.Context(codered, info_name=program)
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        name = arguments.pop(0)
        found = command.get_command(context, name)
        assert found, f"{line}: no word {name}"
        command, context = found, click.Context(found, info_name=name, parent=context)
    command.make_context(command.name, arguments, parent=context.parent)


def test_an_example_that_cannot_be_typed_is_seen() -> None:
    with pytest.raises(click.NoSuchOption):
        test_examples_can_be_typed("codered scan --no-such-option")
    with pytest.raises(AssertionError, match="no word such"):
        test_examples_can_be_typed("codered packs such")


def test_a_page_that_is_stale_is_named(tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {"cli.md": "as it is", "cli/scan.md": "as it is"}
    folder = make_reference.FOLDER.__class__(tmp_path) / "reference"
    (folder / "cli").mkdir(parents=True)
    (folder / "cli.md").write_text("as it is")
    (folder / "cli" / "scan.md").write_text("as it was")
    (folder / "cli" / "gone.md").write_text("of a word that is gone")
    monkeypatch.setattr(make_reference, "FOLDER", folder)
    monkeypatch.setattr(make_reference, "build_pages", lambda: pages)
    assert make_reference.find_stale() == ["cli/gone.md", "cli/scan.md"]


def test_codes_are_found_where_the_code_has_them() -> None:
    exits = reference_exits.find_exits(read_words())
    assert {ExitCode.FOUND, ExitCode.INCOMPLETE, ExitCode.REFUSED} <= exits["codered scan"]
    assert {ExitCode.ROLLED_BACK, ExitCode.NOT_ROLLED_BACK} <= exits["codered apply"]
    assert ExitCode.AWAITING_APPROVAL in exits["codered contain host"]
    assert exits["codered report"] == set(reference_exits.EVERY)  # it only reads a file
    assert ExitCode.AWAITING_APPROVAL not in exits["codered scan"]
    for word in ("start", "status", "score", "end"):
        assert sorted(exits[f"codered drill lab {word}"]) == [0, 2, 3, 4, 7, 70, 130], "as ./lab/lab, which takes over"


def test_words_that_are_left_to_the_tool_itself_are_not_shown() -> None:
    names = {word.name for word in read_words()}
    assert "codered contain on" in names
    assert "codered contain keep" not in names  # hidden
    apply = next(word for word in read_words() if word.name == "codered apply")
    assert "--finish-at-boot" not in {form for param in apply.params for form in param.forms}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b *c* [d] <e>", r"a\|b \*c\* \[d\] &lt;e>"),
        ("with --dry-run and `codered x --y`", "with `--dry-run` and `codered x --y`"),
        ("a_b", r"a\_b"),
    ],
)
def test_help_is_no_markup(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_summaries_are_one_sentence() -> None:
    assert find_summary("Undo it. Without NAME: all.") == "Undo it"
    assert not [word.name for word in read_words() if re.search(r"\.\s", word.summary)]
