from codered.detect.scripts.facts import load_vocabulary
from codered.detect.scripts.java.called import Called
from codered.detect.scripts.java.effects import HANDLERS, MAKERS
from codered.detect.scripts.java.tables import load_tables
from codered.detect.scripts.java.tokens import read_tokens
from codered.detect.scripts.java.values import FETCHED, HIDDEN, REQUEST, WHOLE, Value
from codered.detect.scripts.java.world import World


def show(does: str, receiver: Value, *args: Value) -> list[str]:
    seen: list[str] = []
    page = World(read_tokens(""), load_tables(), lambda name, at: seen.append(name))
    HANDLERS[does](Called(page, receiver, list(args), 0))
    return seen


def test_every_word_of_the_tables_has_its_handler() -> None:
    tables = load_tables()
    assert {effect.does for effect in tables.calls.values()} <= HANDLERS.keys()
    assert set(tables.makes.values()) <= MAKERS.keys()


def test_what_is_run_is_told_by_where_it_comes_from() -> None:
    sent, built, fetched = Value(REQUEST | WHOLE), Value(HIDDEN, "x"), Value(FETCHED)
    assert show("command", Value(), Value(said="/bin/sh -c x")) == ["runs-commands", "starts-interpreter"]
    assert "runs-request-command" in show("command", Value(), sent)
    assert [show("code", Value(), value) for value in (sent, built, fetched, Value(said="1+1"))] == [
        ["runs-request-code"],
        ["runs-decoded-code"],
        ["runs-fetched-code"],
        [],
    ]
    assert show("class", Value(), built) == ["defines-classes", "runs-decoded-code"]
    assert show("find", Value(), sent) == ["runs-request-name"]
    assert show("method", Value(0, "A", "Class"), built) == ["hides-names"]
    assert show("invoke", Value(type="Method"), Value(), sent) == ["calls-hidden-method"]
    assert not show("invoke", Value(0, "A.b", "Method"), Value(), sent)
    assert show("query", Value(), sent) == ["runs-request-query"]
    assert not show("query", Value(), Value(REQUEST))
    assert set(show("socket", Value(), sent)) <= load_vocabulary().keys()
