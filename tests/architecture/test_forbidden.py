"""Calls that hostile input must never reach, and broad `except` clauses outside the one boundary."""

import ast

import pytest

from tests.architecture.source_tree import SourceFile, demand_none, parse_file, read_source

FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput",
                   "subprocess.getstatusoutput", "yaml.load", "yaml.unsafe_load", "yaml.full_load"}  # fmt: skip
BOUNDARY = "codered.scan"


def name_call(function: ast.expr) -> str:
    """`a.b.c` for a plain dotted callee, else ""."""
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute):
        owner = name_call(function.value)
        return f"{owner}.{function.attr}" if owner else ""
    return ""


def find_forbidden_calls(file: SourceFile) -> list[str]:
    wrong = []
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.Call):
            continue
        name = name_call(node.func)
        shell = any(key.arg == "shell" and not is_false(key.value) for key in node.keywords)
        if name in FORBIDDEN_CALLS and not is_safe_yaml(name, node):
            wrong.append(f"{file.name}:{node.lineno}: {name}()")
        elif shell and name != "Account":  # which has a login shell, and runs nothing
            wrong.append(f"{file.name}:{node.lineno}: {name}(shell=…)")
    return wrong


def is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def is_safe_yaml(name: str, call: ast.Call) -> bool:
    """yaml.load with a loader of our own making, which must stand on BaseLoader (strings only)."""
    loaders = [key.value for key in call.keywords if key.arg == "Loader"] + call.args[1:2]
    return name == "yaml.load" and bool(loaders) and not name_call(loaders[0]).endswith(("UnsafeLoader", "FullLoader"))


def find_broad_handlers(file: SourceFile) -> list[str]:
    """`except Exception`, `except BaseException` and bare `except`, but for clean-up that ends in a bare `raise`."""
    wrong = []
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        broad = any(kind is None or name_call(kind) in ("Exception", "BaseException") for kind in caught)
        last = node.body[-1]
        if broad and not (isinstance(last, ast.Raise) and last.exc is None):
            wrong.append(f"{file.name}:{node.lineno}")
    return wrong


def test_no_code_is_run_from_text() -> None:
    demand_none(line for file in read_source() for line in find_forbidden_calls(file))


def test_only_the_scan_has_a_broad_except_and_only_one() -> None:
    found = {file.module: find_broad_handlers(file) for file in read_source()}
    outside = [line for module, lines in found.items() for line in lines if not module.startswith(BOUNDARY)]
    inside = [line for module, lines in found.items() for line in lines if module.startswith(BOUNDARY)]
    demand_none(outside)
    assert len(inside) <= 1, f"one boundary, not {inside}"


@pytest.mark.parametrize(
    "text",
    [
        "eval('1')",
        "import os\nos.system('x')",
        "subprocess.run('x', shell=True)",
        "subprocess.run('x', shell=given)",
        "yaml.load(text)",
        "yaml.load(text, yaml.FullLoader)",
    ],
)
def test_forbidden_calls_are_seen(text: str) -> None:
    assert len(find_forbidden_calls(parse_file(text, "x.py", "x"))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "re.compile('x')",
        "subprocess.run(['x'], shell=False)",
        "yaml.load(text, Loader=StringsOnly)",
        "f()()",
        "Account(shell='/bin/sh')",
    ],
)
def test_other_calls_are_let_through(text: str) -> None:
    assert find_forbidden_calls(parse_file(text, "x.py", "x")) == []


@pytest.mark.parametrize(
    ("clause", "broad"),
    [
        ("except Exception:\n    pass", True),
        ("except (OSError, Exception):\n    pass", True),
        ("except:\n    pass", True),
        ("except BaseException as error:\n    raise X from error", True),
        ("except BaseException:\n    clean()\n    raise", False),
        ("except OSError:\n    pass", False),
    ],
)
def test_broad_handlers_are_seen(clause: str, broad: bool) -> None:
    assert bool(find_broad_handlers(parse_file(f"try:\n    x()\n{clause}\n", "x.py", "x"))) is broad
