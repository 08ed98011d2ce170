"""The exit codes as a page, and which word may end with which: found by following the code from each word."""

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

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
    return graph


def _add_module(graph: Graph, module: str, tree: ast.Module) -> None:
    imported = dict(_list_imports(tree))
    graph.imported |= {f"{module}.{name}": target for name, target in imported.items()}
    defined = dict(_list_defined(tree))
    for name, node in defined.items():
        refers: set[str] = set()
        codes: set[ExitCode] = set()
        for dotted in _list_names(node):
            head, _, rest = dotted.partition(".")
            if head == "ExitCode" and rest in ExitCode.__members__:
                codes.add(ExitCode[rest])
            elif head in imported:
                refers.add(imported[head] + (f".{rest}" if rest else ""))
            elif head in defined and head != name:
                refers.add(f"{module}.{head}")
        graph.refers[f"{module}.{name}"] = refers
        graph.codes[f"{module}.{name}"] = codes | set(_list_raised(node))


def _list_imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((one.asname or one.name, f"{node.module}.{one.name}") for one in node.names)


def _list_defined(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((one.id, node) for one in targets if isinstance(one, ast.Name))


def _list_names(tree: ast.AST) -> Iterator[str]:
    """Every dotted name that is used; not in annotations and decorators: what a function is given, it need not call."""
    left: list[ast.AST] = [tree]
    while left:
        node = left.pop()
        if name := _spell(node):
            yield name
            continue
        for field, value in ast.iter_fields(node):
            if field not in _NOT_CALLED:
                left += [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, ast.AST)]


def _spell(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    owner = _spell(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{owner}.{node.attr}" if owner and isinstance(node, ast.Attribute) else ""


def _list_raised(node: ast.AST) -> Iterator[ExitCode]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Raise) and inner.exc is not None:
            name = _spell(inner.exc.func if isinstance(inner.exc, ast.Call) else inner.exc)
            if name in KINDS:
                yield KINDS[name]


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
