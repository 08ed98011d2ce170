from codered.detect.scripts.php.program import Program
from codered.detect.scripts.php.tokens import tokenize_code


def test_functions_and_brackets() -> None:
    program = Program(tokenize_code("function f($a, $b = 1) { g($a); } class C { function m() {} } }}"))
    functions = program.list_functions()
    assert set(functions) == {"f", "c::m"}
    assert [parameter.name for parameter in functions["f"].parameters] == ["$a", "$b"]
    assert program.close_of(0) == program.size
    assert Program([], 7).place(0) == 7
