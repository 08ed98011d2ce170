import pytest

from codered.detect.scripts.flows.grammar import BY_CALL, FROM_CALLER, KINDS_FROM, REAL, TAINTS, load_grammar
from codered.detect.scripts.flows.telling import load_uses

TABLES = (
    ("asp", "vbscript"), ("asp", "jscript"), ("dotnet", "dotnet"), ("cold_fusion", "cold_fusion"), ("cgi", "perl"),
    ("cgi", "python"),
)  # fmt: skip


@pytest.mark.parametrize(("room", "name"), TABLES)
def test_tables_name_only_what_there_is(room: str, name: str) -> None:
    grammar = load_grammar(room, name)
    used = {*grammar.calls.values(), *grammar.methods.values(), *grammar.sets.values()}
    assert used <= {*load_uses(), "open-text", "open-pipe", "print-to", "write-both"}
    assert {*grammar.sources.values(), *grammar.given.values()} <= TAINTS.keys()
    kinds = {key.partition("/")[0] for key in (*grammar.methods, *grammar.sets) if "/" in key}
    assert kinds <= set(grammar.objects.values())


def test_bits_do_not_overlap() -> None:
    assert REAL == sum(TAINTS.values()) < FROM_CALLER < 1 << BY_CALL
    assert REAL << BY_CALL < 1 << KINDS_FROM


def test_methods_of_a_kind_are_found_by_it() -> None:
    grammar = load_grammar("asp", "vbscript")
    assert grammar.find_use(grammar.methods, "exec", grammar.kind_bit("shell")) == "command"
    assert grammar.find_use(grammar.methods, "exec", 0) == ""
