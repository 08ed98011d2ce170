from codered.detect.scripts.java.statements import Statements
from codered.detect.scripts.java.tables import load_tables
from codered.detect.scripts.java.tokens import read_tokens
from codered.detect.scripts.java.values import REQUEST, Value
from codered.detect.scripts.java.variables import Variables, read_number
from codered.detect.scripts.java.world import ROOT, World


def make(code: str, unit: int = ROOT) -> Variables:
    return Statements(World(read_tokens(code), load_tables(), lambda name, at: None), unit)


def test_a_part_of_a_variable_leaves_the_rest() -> None:
    reader = make("")
    reader.assign("a", Value(REQUEST))
    reader.assign("a", Value(0), keep=True)
    assert reader.world.shared["a"].bits == REQUEST
    reader.change("b", Value(type="List"), [Value(REQUEST)], "add")
    assert reader.world.shared["b"] == Value(REQUEST, None, "List")
    reader.change("c", Value(0, "x", "StringBuilder"), [Value(0, "y")], "append")
    assert reader.world.shared["c"].said == "xy"


def test_variables_of_a_method_are_its_own() -> None:
    reader = make("void a() { }", 0)
    reader.declare("String", "s", Value(REQUEST, None, "Object"))
    assert reader.world.locals[0]["s"] == Value(REQUEST, None, "String")
    assert "s" not in reader.world.shared


def test_types_and_numbers() -> None:
    reader = make("java.util.Map<String, List<int[]>> x")
    assert reader.read_type() == "Map"
    assert reader.texts[reader.at] == "x"
    assert make("(a < b").skip_generic(2) == 2
    assert make("1, -1, 'a', (byte) 0x41").read_numbers(0, 11) == "\x01\xffaA"
    assert make("1, b").read_numbers(0, 3) is None
    assert [read_number(text) for text in ("1_0", "0x1FL", "1.5", "")] == [10, 31, 0, 0]
