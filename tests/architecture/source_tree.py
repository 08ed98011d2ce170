"""The source as the architecture tests see it: parsed files, what they define and what they import."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "codered"
HEADQUARTERS = ROOT / "src" / "codered_hq"

Definition = ast.FunctionDef | ast.AsyncFunctionDef
IMPORTS = (ast.Import, ast.ImportFrom)


class SourceFile(NamedTuple):
    """One parsed file: `name` is its path below the repository, `module` its dotted name."""

    name: str
    module: str
    text: str
    tree: ast.Module


@cache
def read_source(folder: Path = ROOT / "src", package_root: Path = ROOT / "src") -> tuple[SourceFile, ...]:
    """Every Python file below `folder`, sorted by path; not the migrations, which Django writes."""
    return tuple(
        parse_file(path.read_text("utf-8"), path.relative_to(ROOT).as_posix(), name_module(path, package_root))
        for path in sorted(folder.rglob("*.py"))
        if path.parent.name != "migrations"
    )


def parse_file(text: str, name: str, module: str) -> SourceFile:
    return SourceFile(name, module, text, ast.parse(text, name))


def name_module(path: Path, package_root: Path) -> str:
    parts = path.relative_to(package_root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def find_functions(tree: ast.AST, owner: str = "") -> Iterator[tuple[str, Definition, bool]]:
    """Every function with its dotted name and whether it is a method."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Definition):
            yield owner + node.name, node, isinstance(tree, ast.ClassDef)
            yield from find_functions(node, f"{owner}{node.name}.")
        elif isinstance(node, ast.ClassDef):
            yield from find_functions(node, f"{owner}{node.name}.")
        else:
            yield from find_functions(node, owner)


def find_imports(file: SourceFile) -> Iterator[tuple[str, int]]:
    """Every imported dotted name with its line, typing-only and lazy ones too; `from a import b` gives `a.b`."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}:{node.lineno}: relative import"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def demand_none(wrong: Iterable[str]) -> None:
    """Fails with every line on its own: pytest would shorten a list."""
    lines = list(wrong)
    assert not lines, "\n" + "\n".join(lines)


def find_assigned(tree: ast.Module, name: str) -> ast.expr | None:
    """The value that a module gives to one of its names."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            return node.value
    return None


def find_words(expression: ast.expr) -> set[str]:
    """Every name and string in an expression."""
    found = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
    found |= {node.attr for node in ast.walk(expression) if isinstance(node, ast.Attribute)}
    return found | {
        node.value for node in ast.walk(expression) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
