import pytest

from codered.detect.scripts.flows.statements import split_statements
from codered.detect.scripts.flows.tokens import read_tokens


@pytest.mark.parametrize(
    ("syntax", "code", "inside", "parameters"),
    [
        ("vb", "Private Function f(ByVal a As String, b)\nx = 1\nEnd Function\ny = 2", ["f", ""], ("a", "b")),
        ("c", "public string f(string a, int b) { x = 1; } y = 2;", ["f", ""], ("a", "b")),
        ("c", "function f(a : String, b) { if (c) { x = 1; } } y", ["f", "f", ""], ("a", "b")),
        ("perl", "sub f { $x{y} = 1; } $y = 2;", ["f", ""], ("@f",)),
        ("python", "def f(a, b=1):\n  x = (1,\n2)\ny = 2", ["f", ""], ("a", "b")),
    ],
)
def test_statements_know_their_function(syntax: str, code: str, inside: list[str], parameters: tuple[str, ...]) -> None:
    program = split_statements(read_tokens(code, syntax), syntax)
    assert [statement.function for statement in program.statements] == inside
    assert program.functions == {"f": parameters}
