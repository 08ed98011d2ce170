import pytest

from codered.detect.scripts.java import world
from codered.detect.scripts.java.tables import load_tables
from codered.detect.scripts.java.tokens import read_tokens
from codered.detect.scripts.java.values import REQUEST, Value
from codered.detect.scripts.java.world import ROOT, Tired, World


def make(code: str) -> World:
    return World(read_tokens(code), load_tables(), lambda name, at: None)


def test_who_reads_a_variable_or_calls_a_method_is_read_again() -> None:
    page = make("int a(String s) { } int b() { }")
    page.waiting.clear()
    assert page.look_up("field", 1) is None
    page.share("field", Value(REQUEST))
    assert page.waiting == [1]
    assert page.hand_over("a", [Value(REQUEST)], ROOT) is not None
    assert page.locals[0]["s"].bits == REQUEST
    assert page.waiting == [1, 0]
    page.give_back(0, Value(REQUEST))
    assert page.waiting == [1, 0, ROOT]
    assert page.hand_over("a", [], ROOT) is None


def test_requests_and_what_is_made_from_them() -> None:
    page = make("class A extends HttpServletRequestWrapper { } class B { }")
    assert page.is_request("A")
    assert page.is_request("HttpServletRequest")
    assert not page.is_request("B")


def test_steps_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "MOST_STEPS", 1)
    page = make("")
    page.step()
    with pytest.raises(Tired):
        page.step()
