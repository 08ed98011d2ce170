"""Calls that hostile input must never reach, and broad `except` clauses outside the one boundary."""

import ast
import importlib
import re
from collections.abc import Iterator, Sequence

import pytest

from tests.architecture.source_tree import SourceFile, demand_none, parse_file, read_source

_parser, _constants = (importlib.import_module(f"re.{name}") for name in ("_parser", "_constants"))  # no stubs
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


def find_misread_patterns(file: SourceFile) -> list[str]:
    """Patterns that look around within a possessive repetition: Python 3.11.2, which is Debian 12's, goes on at a wrong
    place behind one (mended in 3.11.5).
    """
    wrong = []
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str | bytes):
            continue
        text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
        if re.search(r"\)(?:[*+?]|\{[0-9,]{1,9}\})\+", text) is None or re.search(r"\(\?<?[=!]", text) is None:
            continue
        try:
            parsed = _parser.parse(text, re.VERBOSE if "\n" in text else 0)
        except re.error:
            continue  # a part of one, or no pattern
        if any(op is _constants.POSSESSIVE_REPEAT and looks_around(held) for op, held in walk_pattern(parsed)):
            wrong.append(f"{file.name}:{node.lineno}")
    return wrong


def walk_pattern(parsed: object) -> Iterator[tuple[object, Sequence[object]]]:
    """Each operation of a parsed pattern, with what it holds."""
    for op, held in parsed if isinstance(parsed, _parser.SubPattern) else ():
        yield op, held
        for part in held if isinstance(held, tuple) else ():
            for inner in part if isinstance(part, list) else (part,):
                yield from walk_pattern(inner)


def looks_around(held: Sequence[object]) -> bool:
    return any(op in (_constants.ASSERT, _constants.ASSERT_NOT) for op, _ in walk_pattern(held[-1]))


def test_no_pattern_is_misread_by_the_python_of_debian_12() -> None:
    demand_none(line for file in read_source() for line in find_misread_patterns(file))


@pytest.mark.parametrize(
    ("pattern", "misread"),
    [
        (r"a(?:[^b]|b(?!c))*+", True),
        (r"x|(?P<y>(?:z(?:a|(?<=b)c)){2,}+)", True),
        ("\n a | (?:[^b]|b(?!c))*+ # verbose", True),
        (r"a(?:[^b]|bb)*+(?!c)", False),
        (r"(?:b(?!c))*", False),
        (r"(?:a++(?=b))+", False),
    ],
)
def test_misread_patterns_are_seen(pattern: str, misread: bool) -> None:
    for text in (pattern, pattern.encode()):
        assert bool(find_misread_patterns(parse_file(f"x({text!r})", "x.py", "x"))) is misread


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
