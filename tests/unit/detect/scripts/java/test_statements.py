from codered.detect.scripts.java.statements import Statements, prepare_methods, run_units
from codered.detect.scripts.java.tables import load_tables
from codered.detect.scripts.java.tokens import read_tokens
from codered.detect.scripts.java.values import REQUEST
from codered.detect.scripts.java.world import ROOT, World


def run(code: str) -> World:
    page = World(read_tokens(code), load_tables(), lambda name, at: None)
    run_units(page)
    return page


def test_declarations_loops_and_branches_give_variables() -> None:
    page = run(
        "String a = request.getParameter(x), b; for (String c : a.split(y)) { b = c; } if (b == z) d = b; "
        "else { e = 1; } "
        "try { f = a; } catch (Exception g) { } Map<String, int[]> h = a; int[] i[] = null;"
    )
    for name in "abcdfh":
        assert page.shared[name].bits & REQUEST, name
    assert not page.shared["e"].bits
    assert page.shared["h"].type == "Map"
    assert page.shared["i"].type == "int[][]"


def test_methods_give_back_what_they_are_handed() -> None:
    page = run("String same(String s) { String t = s; return t; } String a = same(request.getHeader(x)); ")
    assert page.shared["a"].bits & REQUEST
    assert "t" not in page.shared


def test_what_a_server_hands_over_is_the_visitors() -> None:
    page = World(
        read_tokens("void onMessage(String s) { } void go(ServletRequest r, Part p) { }"),
        load_tables(),
        lambda n, a: None,
    )
    prepare_methods(page)
    assert page.locals[0]["s"].bits & REQUEST
    assert page.locals[1]["r"].type == "request"
    assert page.locals[1]["p"].bits & REQUEST
    Statements(page, ROOT).run(0, len(page.tokens.texts) - 1)
    assert "s" not in page.shared
