"""The exit codes as a page, and which word may end with which: found by following the code from each word."""

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

import click

from codered.cli import codered
from codered.model import errors
from codered.model.errors import CodeRedError, ExitCode
from scripts.command_pages import PROGRAM, Word

SOURCE = Path(__file__).resolve().parent.parent / "src"
KINDS: Mapping[str, ExitCode] = {
    name: kind.exit_code
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, CodeRedError) and kind is not CodeRedError
}
EVERY = (ExitCode.CLEAN, ExitCode.WRONG_USE, ExitCode.BUG, ExitCode.INTERRUPTED)
"""Every word may end with these."""
HANDS_OVER: Mapping[str, frozenset[ExitCode]] = {
    "codered_hq.cli.laboratory.hand_over": frozenset({ExitCode.INCOMPLETE, ExitCode.REFUSED, ExitCode.NOT_ROLLED_BACK}),
}
"""What becomes another program, and the codes of that one: lab/lab says them as numbers, and no import leads there."""


_NOT_CALLED = ("annotation", "returns", "decorator_list")


def find_exits(words: tuple[Word, ...]) -> dict[str, frozenset[ExitCode]]:
    """Name of each word that is no mere group -> the codes that it may end with, those of every word among them."""
    graph = _read_graph()
    return {
        word.name: frozenset(EVERY) | _follow(graph, _find_callback(word)) for word in words if _does_something(word)
    }


def _does_something(word: Word) -> bool:
    return not word.words or _find_command(word).invoke_without_command  # type: ignore[attr-defined]


def _find_command(word: Word) -> click.Command:
    command: click.Command | None = codered
    context = click.Context(codered, info_name=PROGRAM)
    for name in word.path[1:]:
        assert isinstance(command, click.Group)
        command = command.get_command(context, name)
        assert command is not None, word.name
        context = click.Context(command, info_name=name, parent=context)
    assert command is not None
    return command


def _find_callback(word: Word) -> tuple[str, ...]:
    """The full names of the functions that the word runs: what is decorated is in the closure of what decorates."""
    callback = _find_command(word).callback
    assert callback is not None, word.name
    return tuple(f"{one.__module__}.{one.__qualname__.split('.')[0]}" for one in _open_closures(callback))


def _open_closures(function: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    yield function
    for cell in getattr(function, "__closure__", None) or ():
        if isinstance(cell.cell_contents, FunctionType):
            yield from _open_closures(cell.cell_contents)


class Graph:
    """What each name at the top of a module refers to, and the codes that it speaks of itself."""

    def __init__(self) -> None:
        self.refers: dict[str, set[str]] = {}
        self.codes: dict[str, set[ExitCode]] = {}
        self.imported: dict[str, str] = {}
        self._next: dict[str, frozenset[str]] = {}

    def resolve(self, name: str) -> str:
        """The definition that a dotted name leads to, through what rooms hand on; "" if none is ours."""
        for _ in range(20):
            head = name
            while head and head not in self.refers and head not in self.imported:
                head = head.rpartition(".")[0]
            if not head or head in self.refers:
                return head
            name = self.imported[head] + name[len(head) :]
        return ""

    def list_next(self, name: str) -> frozenset[str]:
        """The definitions that one refers to."""
        if name not in self._next:
            self._next[name] = frozenset(map(self.resolve, self.refers[name]))
        return self._next[name]


@cache
def _read_graph() -> Graph:
    graph = Graph()
    for path in sorted(SOURCE.rglob("*.py")):
        if path.parent.name != "migrations":
            parts = path.relative_to(SOURCE).with_suffix("").parts
            _add_module(graph, ".".join(parts[:-1] if parts[-1] == "__init__" else parts), ast.parse(path.read_bytes()))
    for name, codes in HANDS_OVER.items():
        graph.codes[name] |= codes
    return graph


def _add_module(graph: Graph, module: str, tree: ast.Module) -> None:
    read = {name: _read_part(node) for name, node in _list_parts(tree)}
    imported = {name: target for part in read.values() for name, target in part.imported.items()}
    graph.imported |= {f"{module}.{name}": target for name, target in imported.items()}
    for name, part in read.items():
        refers = graph.refers[f"{module}.{name}"] = set()
        codes = graph.codes[f"{module}.{name}"] = {KINDS[one] for one in part.raised if one in KINDS}
        for dotted in part.names:
            head, _, rest = dotted.partition(".")
            if head == "ExitCode" and rest in ExitCode.__members__:
                codes.add(ExitCode[rest])
            elif head in imported:
                refers.add(imported[head] + (f".{rest}" if rest else ""))
            elif head in read and head != name:
                refers.add(f"{module}.{head}")


def _list_parts(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """What a module defines at its top, by name; its other statements under a name that nobody has."""
    for number, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((one.id, node) for one in targets if isinstance(one, ast.Name))
        else:
            yield f"{number}", node


class _Part(NamedTuple):
    """What a definition speaks of: dotted names that it uses, what it raises, what it imports (name -> target)."""

    names: set[str]
    raised: set[str]
    imported: dict[str, str]


def _read_part(tree: ast.AST) -> _Part:
    """Not names in annotations and decorators: what a function is given, it need not call."""
    part = _Part(set(), set(), {})
    left: list[object] = [tree]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left += node
        elif isinstance(node, ast.Name | ast.Attribute) and (name := _spell(node)):
            part.names.add(name)
        elif isinstance(node, ast.ImportFrom):
            part.imported.update((one.asname or one.name, f"{node.module}.{one.name}") for one in node.names)
        elif isinstance(node, ast.AST):
            if isinstance(node, ast.Raise) and node.exc is not None:
                part.raised.add(_spell(node.exc.func if isinstance(node.exc, ast.Call) else node.exc))
            left += [getattr(node, field, None) for field in node._fields if field not in _NOT_CALLED]
    return part


def _spell(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    owner = _spell(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{owner}.{node.attr}" if owner and isinstance(node, ast.Attribute) else ""


def _follow(graph: Graph, starts: tuple[str, ...]) -> frozenset[ExitCode]:
    codes: set[ExitCode] = set()
    seen: set[str] = set()
    left = [graph.resolve(name) for name in starts]
    while left:
        name = left.pop()
        if name and name not in seen:
            seen.add(name)
            codes |= graph.codes[name]
            left += graph.list_next(name)
    return frozenset(codes)
