from codered.detect.scripts.facts import load_vocabulary
from codered.detect.scripts.flows.grammar import TAINTS, load_grammar
from codered.detect.scripts.flows.lines import Use
from codered.detect.scripts.flows.telling import load_uses, name_use, show, tell_facts
from codered.detect.scripts.flows.tokens import read_tokens


def tell(code: str) -> set[str]:
    return {fact.name for fact in tell_facts(read_tokens(code, "vb"), load_grammar("asp", "vbscript"), code)}


def test_every_name_is_in_the_vocabulary() -> None:
    names = {name for table in load_uses().values() for name in table.values()}
    assert {name for name in names if not name.startswith("+")} <= load_vocabulary().keys()


def test_a_part_of_a_query_is_not_the_query() -> None:
    asked = TAINTS["request"]
    assert list(name_use(Use("query", asked, None, 0))) == ["runs-request-query"]
    assert list(name_use(Use("query", asked | TAINTS["sql"], None, 0))) == []


def test_code_in_texts_is_read_and_parts_make_a_whole() -> None:
    assert "runs-request-code" in tell('execute "exe" & "cute request(1)"')
    files = 'Set f = CreateObject("Scripting.FileSystemObject")\n'
    assert "does-file-work" in tell(
        files + 'f.GetFolder Request("a")\nf.DeleteFile Request("b")\nf.OpenTextFile Request("c"), 1'
    )
    assert "runs-what-it-writes" in tell(
        files + 'f.CreateTextFile("a.vbs")\nSet s = CreateObject("WScript.Shell")\ns.Run "a.vbs"'
    )


def test_what_is_shown_is_one_short_line() -> None:
    assert show("a\n  b  c\n" + "d" * 900, 5).startswith("b c d")
    assert len(show("d" * 900, 400)) == 200
