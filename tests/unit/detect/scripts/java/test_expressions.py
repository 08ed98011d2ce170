import pytest

from codered.detect.scripts.java.expressions import Expressions
from codered.detect.scripts.java.statements import Statements
from codered.detect.scripts.java.tables import load_tables
from codered.detect.scripts.java.tokens import read_tokens
from codered.detect.scripts.java.values import REQUEST, Value
from codered.detect.scripts.java.world import ROOT, World


def work_out(code: str) -> Value:
    page = World(read_tokens(code), load_tables(), lambda name, at: None)
    reader: Expressions = Statements(page, ROOT)
    return reader.read()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('"a" + "b" + \'c\'', "abc"),
        ('("a" + ("b"))', "ab"),
        ('(String) "a"', "a"),
        ("new String(new byte[]{99, 0x6d, (byte) 100})", "cmd"),
        ("String.valueOf(new char[]{'a', 'b'})", "ab"),
        ('new StringBuilder("dmc").reverse().toString()', "cmd"),
        ('new String(Base64.getDecoder().decode("Y21k"))', "cmd"),
        ('new StringBuilder().append("a").append("b").toString()', "ab"),
        ('"c-m-d".replace("-", "")', "cmd"),
        ('"xcmd".substring(1)', "cmd"),
        ('a = "b"', "b"),
    ],
)
def test_texts_that_are_put_together_are_told(code: str, said: str) -> None:
    assert work_out(code).said == said


def test_types_and_tests() -> None:
    assert work_out("new java.io.File(x)").type == "File"
    assert work_out("Runtime.getRuntime()").type == "Runtime"
    assert work_out("String.class").type == "Class"
    assert not work_out("request.getParameter(x) == y").bits
    assert work_out("a ? b : request.getParameter(x)").bits & REQUEST
    assert work_out("(x) -> request.getParameter(x)").bits & REQUEST
    assert work_out("param.x").bits & REQUEST
    assert work_out("((String) ((Object) request.getParameter(x))).trim()").bits & REQUEST


def test_what_is_too_deep_is_stepped_over() -> None:
    assert work_out("(" * 500 + "a" + ")" * 500) == work_out("")
    assert not work_out("(a)" * 5000 + "b").bits
