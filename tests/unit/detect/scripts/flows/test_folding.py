import pytest

from codered.detect.scripts.flows.folding import fold
from codered.detect.scripts.flows.grammar import load_grammar
from codered.detect.scripts.flows.tokens import read_tokens


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ('"a" & "b" & ("c")', "abc"),
        ("Chr(90-25) & chr(&h42)", "AB"),
        ('StrReverse("cba")', "abc"),
        ('Replace("a*b","*","-")', "a-b"),
        ('unescape("%41%42")', "AB"),
        ('"x" & known', "xyz"),
        ('StrReverse(Replace("c_b","_","")) & "d"', "bcd"),
    ],
)
def test_texts_are_put_together(code: str, made: str) -> None:
    folded = fold(list(read_tokens(code, "vb")), load_grammar("asp", "vbscript"), {"known": "yz"})
    assert [(token.kind, token.text) for token in folded] == [("built", made)]


def test_decoders_of_net_are_worked_out() -> None:
    code = 'System.Text.Encoding.GetEncoding(936).GetString(System.Convert.FromBase64String("YW"+"Jj"))'
    folded = fold(list(read_tokens(code, "c")), load_grammar("dotnet", "dotnet"), {})
    assert [token.text for token in folded] == ["abc"]
    assert len(fold(list(read_tokens('FromBase64String("*")', "c")), load_grammar("dotnet", "dotnet"), {})) > 1
