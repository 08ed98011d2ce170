"""One explicit list for each kind of plug-in, and nothing forgotten in it. A room that does not exist yet is let be."""

import ast

from tests.architecture.source_tree import (
    SOURCE,
    Definition,
    SourceFile,
    demand_none,
    find_assigned,
    find_words,
    parse_file,
    read_source,
)


def read_room(room: str) -> tuple[SourceFile | None, list[SourceFile]]:
    """A room's `__init__.py`, where its list stands, and its other files."""
    module = "codered." + room.replace("/", ".")
    files = [file for file in read_source() if file.module == module or file.module.startswith(module + ".")]
    lists = [file for file in files if file.module == module]
    return (lists[0] if lists else None), [file for file in files if file.module != module]


def find_listed(file: SourceFile, name: str) -> set[str]:
    value = find_assigned(file.tree, name)
    assert value is not None, f"{file.name}: the list {name} is missing"
    return find_words(value)


def find_renderers(file: SourceFile) -> set[str]:
    """The public functions `render_…(report: Report) -> str` of a file."""
    return {
        node.name
        for node in file.tree.body
        if isinstance(node, Definition)
        and node.name.startswith("render_")
        and node.returns is not None
        and ast.unparse(node.returns) == "str"
        and [ast.unparse(given.annotation) for given in node.args.args[:1] if given.annotation] == ["Report"]
    }


def defines_command(file: SourceFile) -> bool:
    """Whether a file of cli/ is a word: it has a `command`."""
    named = any(isinstance(node, Definition) and node.name == "command" for node in file.tree.body)
    return named or find_assigned(file.tree, "command") is not None


def stem(file: SourceFile) -> str:
    return file.module.rpartition(".")[2]


def test_every_action_is_listed() -> None:
    top, files = read_room("remediate/actions")
    if top:
        demand_none(f"{file.name}: not in ACTIONS" for file in files if stem(file) not in find_listed(top, "ACTIONS"))
        assert files, "a list without actions"


def test_every_report_format_is_listed() -> None:
    top, files = read_room("export/reports")
    if top:
        missing = set().union(*map(find_renderers, files)) - find_listed(top, "RENDERERS")
        demand_none(f"{name}: not in RENDERERS" for name in sorted(missing))
        assert any(map(find_renderers, files)), "no file renders a Report"


def test_every_word_is_listed_and_every_listed_word_is_there() -> None:
    top, files = read_room("cli")
    if top and find_assigned(top.tree, "WORDS") is not None:
        words = [file for file in files if not file.module.startswith("codered.cli.packs.")]
        there = {stem(file) for file in words if defines_command(file)}
        listed = {word.replace("-", "_") for word in find_listed(top, "WORDS")}
        demand_none(f"cli/{word}.py: not in WORDS" for word in sorted(there - listed))
        demand_none(f"{word}: in WORDS, but cli/{word}.py has no command" for word in sorted(listed - there))


def test_every_word_of_packs_is_listed_and_every_listed_word_is_there() -> None:
    top, files = read_room("cli/packs")
    assert top
    value = find_assigned(top.tree, "WORDS")
    assert isinstance(value, ast.Dict)
    listed = {node.value for node in value.values if isinstance(node, ast.Constant)}
    there = {stem(file) for file in files if defines_command(file)}
    demand_none(f"cli/packs/{file}.py: on one side only" for file in sorted(map(str, listed ^ there)))


def test_rooms_are_where_these_tests_look() -> None:
    """A renamed room must not switch its test off."""
    for room, parent in (("remediate/actions", "remediate/applying.py"), ("export/reports", "export"), ("cli", "cli")):
        assert (SOURCE / room / "__init__.py").is_file() or not (SOURCE / parent).exists(), room


def test_lists_are_read() -> None:
    file = parse_file("ACTIONS: dict[str, X] = {'a': delete_file, 'b': x.undo}\nWORDS = ('scan', 'plan')\n", "x", "x")
    assert find_listed(file, "ACTIONS") == {"a", "b", "delete_file", "x", "undo"}
    assert find_listed(file, "WORDS") == {"scan", "plan"}


def test_renderers_and_words_are_recognised() -> None:
    names = {
        "render_x": "report: Report",
        "render_y": "plan: Plan",
        "_render_z": "report: Report",
        "draw": "report: Report",
    }
    text = "".join(f"def {name}({given}) -> str: ...\n" for name, given in names.items())
    assert find_renderers(parse_file(text, "x", "x")) == {"render_x"}
    assert defines_command(parse_file("@click.command()\ndef command() -> int: ...\n", "x", "x"))
    assert defines_command(parse_file("command = Group()\n", "x", "x"))
    assert not defines_command(parse_file("def commands() -> int: ...\n", "x", "x"))
