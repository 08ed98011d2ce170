"""No cycles (lazy and typing imports counted), lazy imports only in cli/, imports that nobody or one room may have."""

import ast

import pytest

from tests.architecture.source_tree import (
    IMPORTS,
    SourceFile,
    demand_none,
    find_functions,
    find_imports,
    parse_file,
    read_source,
)

ENGINE_ONLY = "yara_x"
BANNED = {
    "pickle": "runs code that a hostile file brings; use msgspec",
    "marshal": "runs code that a hostile file brings; use msgspec",
    "shelve": "is pickle inside; use msgspec",
    "dill": "is pickle inside; use msgspec",
    "cloudpickle": "is pickle inside; use msgspec",
    "imp": "hides who imports whom",
    "pkgutil": "discovers plug-ins; write an explicit list",
}

# Readers of images and hives, what only Windows has, the writer of PDFs, what speaks to devices: optional, heavy, and
# missing on most systems.
OPTIONAL = frozenset(
    ["ansible_runner", "gufo", "pyewf", "pyqcow", "pyregf", "pytsk3", "pyvhdi", "pyvmdk",
     "psutil", "pythoncom", "pywintypes", "win32api", "win32com", "win32evtlog", "win32service", "winreg",
     "napalm", "netmiko", "paramiko", "pysnmp", "weasyprint"]
)  # fmt: skip

Graph = dict[str, set[str]]


def make_graph(files: tuple[SourceFile, ...]) -> Graph:
    """Module -> the modules of ours it imports; a name inside a module counts as that module."""
    known = {file.module for file in files}
    graph: Graph = {}
    for file in files:
        wanted = (name if name in known else name.rpartition(".")[0] for name, _ in find_imports(file))
        graph[file.module] = {name for name in wanted if name in known and name != file.module}
    return graph


def find_cycle(graph: Graph) -> list[str]:
    """Some cycle of the graph as a path that ends where it starts; [] when there is none."""
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        for other in sorted(graph[module]):
            cycle = walk(other, [*path, module])
            if cycle:
                return cycle
        done.add(module)
        return []

    for module in sorted(graph):
        cycle = walk(module, [])
        if cycle:
            return cycle
    return []


def find_lazy_imports(file: SourceFile) -> list[str]:
    return [
        f"{file.name}:{node.lineno}: import inside {name}"
        for name, function, _ in find_functions(file.tree)
        for node in ast.walk(function)
        if isinstance(node, IMPORTS) and not _is_optional(node)
    ]


def _is_optional(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] in OPTIONAL
    return isinstance(node, ast.Import) and {name.name.partition(".")[0] for name in node.names} <= OPTIONAL


def find_banned_imports(file: SourceFile) -> list[str]:
    wrong = []
    for name, line in find_imports(file):
        package = name.partition(".")[0]
        if package in BANNED:
            wrong.append(f"{file.name}:{line}: {package} {BANNED[package]}")
        if package == ENGINE_ONLY and not file.module.startswith("codered.engine"):
            wrong.append(f"{file.name}:{line}: {package} belongs to codered.engine alone")
    return wrong


def test_there_is_no_import_cycle() -> None:
    demand_none(find_cycle(make_graph(read_source())))


def test_only_the_command_line_imports_lazily() -> None:
    # And the first lines of the one file: they ask which Python this is before they load what old ones can not read.
    lazy = ("codered.cli", "codered_hq.cli", "codered_hq.shipping.host_main")
    files = [file for file in read_source() if not file.module.startswith(lazy)]
    demand_none(line for file in files for line in find_lazy_imports(file))


def test_banned_packages_are_not_imported() -> None:
    demand_none(line for file in read_source() for line in find_banned_imports(file))


@pytest.mark.parametrize(
    ("a", "b", "cycle"),
    [
        ("from p.b import x", "from p.a import y", ["p.a", "p.b", "p.a"]),
        ("from p import b", "import p.a", ["p.a", "p.b", "p.a"]),
        ("import p.b", "def f():\n    import p.a", ["p.a", "p.b", "p.a"]),
        ("import p.b", "if TYPE_CHECKING:\n    from p.a import T", ["p.a", "p.b", "p.a"]),
        ("import p.b", "import os", []),
    ],
)
def test_cycles_are_seen(a: str, b: str, cycle: list[str]) -> None:
    assert find_cycle(make_graph((parse_file(a, "a", "p.a"), parse_file(b, "b", "p.b")))) == cycle


def test_lazy_and_banned_imports_are_seen() -> None:
    file = parse_file("import yara_x\ndef f():\n    from pickle import loads\n", "x.py", "codered.detect.x")
    assert find_lazy_imports(file) == ["x.py:3: import inside f"]
    optional = parse_file("def f():\n    import pytsk3\n    import winreg, os\n", "x.py", "codered.targets.x")
    assert find_lazy_imports(optional) == ["x.py:3: import inside f"]
    assert [line.split()[1] for line in find_banned_imports(file)] == ["yara_x", "pickle"]
    assert find_banned_imports(file._replace(module="codered.engine.x")) == [
        "x.py:3: pickle runs code that a hostile file brings; use msgspec"
    ]
