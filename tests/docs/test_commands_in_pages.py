"""Every `codered …` line of the pages is one that the command line takes: its words, its options, their choices.

Nothing is run. A line is taken from blocks (behind `$ ` or not, up to a remark, `&&`, `;` or `|`) and from `codered …`
in the text. `A | B` in place of a last word or option are alternatives, as in `codered contain status | confirm | off`;
`…` and capitals stand for what one has to fill in.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import rich_click as click

from codered.cli import codered
from tests.fixtures.guides import DOCS

CHECKOUT = DOCS.parent
# Those below cli/ are written from the commands themselves, and the changelog tells of words as they once were.
PAGES = sorted(
    {*CHECKOUT.glob("*.md"), *DOCS.rglob("*.md")} - {CHECKOUT / "CHANGELOG.md", *DOCS.glob("reference/cli/*")}
)
_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```|((?:^ {4}.*\n)+)", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`((?:\./)?codered [^`\n]*)`")
_PROGRAM = re.compile(r"(?:\./)?codered(?:\.exe)?|hq")  # hq: the function of docs/incident.md
_REMARK = re.compile(r"\s#\s.*$|\s{3,}\S.*$")
_SHELL = re.compile(r"\$\([^)]*\)|<\(.*|\s[0-9]?>.*")


def find_lines(text: str) -> Iterator[str]:
    """What a page has that begins with the program's name, one command each."""
    for block in _BLOCK.finditer(text):
        for line in (block[1] or block[2]).splitlines():
            yield from split_line(line.strip().removeprefix("$ "))
    for inline in _INLINE.finditer(_BLOCK.sub("", text)):
        yield from split_line(inline[1])


def split_line(line: str) -> Iterator[str]:
    """The commands of one line of shell, alternatives written out. What the tool says (`codered: …`) is none."""
    for part in re.split(r"\s*(?:&&|;|·|\s&$)\s*", _REMARK.sub("", line)):
        first, *others = re.split(r"\s+\|\s+", part)
        words = first.split()
        if not words or not _PROGRAM.fullmatch(words[0]):
            continue
        yield first
        found, _ = find_words(words[1:])
        for other in others:
            if other.startswith("-"):
                yield " ".join([words[0], *found, other])
            elif len(find_words([*found[:-1], other.split()[0]])[0]) == len(found):
                yield " ".join([words[0], *found[:-1], other])


def find_words(words: list[str]) -> tuple[list[str], click.Command]:
    """The words at the front that name a command, and that command."""
    command: click.Command = codered
    for number, word in enumerate(words):
        found = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        if found is None:
            return words[:number], command
        command = found
    return words, command


def find_fault(line: str) -> str:
    """Why the command line would not take this; "" if it would."""
    try:
        words = shlex.split(_SHELL.sub(" ", line))[1:]
    except ValueError as error:
        return f"{line}: {error}"
    names, command = find_words(words)
    rest = words[len(names) :]
    if names[:2] == ["packs", "publish"] and len(names) == 2:  # without a word of its own it takes folders
        return ""
    if isinstance(command, click.Group) and rest and not re.fullmatch(r"-.*|…|[A-Z…]+", rest[0]):
        return f"{line}: no word {rest[0]}"
    options = {
        form: param
        for param in command.params
        if isinstance(param, click.Option)
        for form in (*param.opts, *param.secondary_opts)
    }
    for word, following in zip(rest, [*rest[1:], ""], strict=False):
        form, _, value = word.strip("[]").rstrip("…").partition("=")
        if not re.fullmatch("-[a-z]|--[a-z].*", form) or form in ("-h", "--help", "--version"):
            continue
        if form not in options:
            return f"{line}: no option {form}"
        kind, given = options[form].type, value or following
        if isinstance(kind, click.Choice) and re.fullmatch("[a-z-]+", given) and given not in kind.choices:
            return f"{line}: {form} is never {given}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_every_command_of_a_page_is_one(page: Path) -> None:
    faults = [fault for line in find_lines(page.read_text()) if (fault := find_fault(line))]
    assert not faults, "\n".join(faults)


def test_all_pages_are_read() -> None:
    names = {page.relative_to(CHECKOUT).as_posix() for page in PAGES}
    assert {"README.md", "CONTRIBUTING.md", "docs/authoring.md", "docs/start/host.md", "docs/howto/detect.md"} <= names
    lines = [line for page in PAGES for line in find_lines(page.read_text())]
    words = {find_words(line.split()[1:])[0][0] for line in lines if find_words(line.split()[1:])[0]}
    assert words >= {"scan", "plan", "apply", "contain", "sweep", "fleet", "rules", "packs", "serve", "incident"}


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("./codered scan -o r.json       # a remark", ["./codered scan -o r.json"]),
        ("codered contain confirm | off", ["codered contain confirm", "codered contain off"]),
        ("codered sweep --list | --show UID", ["codered sweep --list", "codered sweep --show UID"]),
        ("codered plan r -o p && codered apply p; ls | wc", ["codered plan r -o p", "codered apply p"]),
        ("codered: 2 changes done and verified", []),
        ("curl https://example.org | sh", []),
    ],
)
def test_commands_of_a_line(line: str, commands: list[str]) -> None:
    assert list(split_line(line)) == commands


@pytest.mark.parametrize(
    "line",
    [
        "codered scann",
        "codered scan --rooot /mnt",
        "codered contain onn",
        "codered contain --first explode",
        "codered fleet schedule add --wrod verify",
        "codered rules card 'unfinished",
    ],
)
def test_what_is_no_command_is_told(line: str) -> None:
    assert find_fault(line)


def test_a_page_that_drifted_is_told() -> None:
    text = (
        "Use `codered scan --everything`:\n\n```\n$ ./codered aply plan.json\n```\n\n    codered verify --deep PLAN\n"
    )
    assert len([line for line in find_lines(text) if find_fault(line)]) == 3
