import pytest

from codered.detect.scripts.flows.clues import find_blank, find_decoding, looks_encoded, tell_open
from codered.detect.scripts.flows.grammar import load_grammar
from codered.detect.scripts.flows.statements import split_statements
from codered.detect.scripts.flows.tokens import Token, read_tokens


def test_functions_that_decode_and_empty_variables() -> None:
    code = "Function d(x)\nd = Chr(x)\nEnd Function\nFunction e(x)\ne = x\nEnd Function\n"
    code += 'a = "b" & z & "c" & a & vbCrLf & "d"'
    grammar = load_grammar("asp", "vbscript")
    program = split_statements(read_tokens(code, "vb"), "vb")
    assert find_decoding(program, grammar) == {"d"}
    assert find_blank(program, grammar) == {"z": ""}


def test_names_of_files_are_not_encoded() -> None:
    assert looks_encoded(Token("text", "%119%136%115%126", 0))
    assert not any(
        looks_encoded(Token("text", text, 0)) for text in ("short", "pages/common/head.asp", "some words only")
    )


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ('F, "$c|"', "command"), ('F, ">$p"', "write-path"), ("F, $p", "read"), ('STDIN, ">&S"', "duplicate"),
        ('STDOUT, ">&LOG"', "write-path"),
    ],
)  # fmt: skip
def test_what_open_does(code: str, what: str) -> None:
    assert tell_open(list(read_tokens(code, "perl"))) == what
