import pytest

from codered.detect.scripts.flows.tokens import read_tokens, unescape


@pytest.mark.parametrize(
    ("syntax", "code", "texts"),
    [
        ("vb", 'a = "b""c" & _\n[d] \' e\nrem f\nx', ["a", "=", 'b"c', "&", "d", "\n", "\n", "x"]),
        ("c", r'a="\x62\"c"; /* d */ @"e""f" // g', ["a", "=", 'b"c', ";", 'e"f']),
        ("cf", r'a = ":\" & "b""c" /* d */', ["a", "=", ":\\", "&", 'b"c']),
        ("perl", '$a{b} = "$c"; # d\n=pod\n;\n=cut\n`e`', ["a", "=", "$c", ";", "`e`"]),
        ("python", "a = b'c' # d\n", ["a", "=", "c", "\n"]),
        ("python", '"""b "c" d"""e', ['b "c" d', "e"]),
        ("python", r"""r'''b \''' c'd\'e'''f""", [r"b \''' c'd\'e", "f"]),
        ("python", '"""b""""c"', ["b", "c"]),
        ("python", '"""b "', ["b "]),
    ],
)
def test_code_is_cut_into_tokens(syntax: str, code: str, texts: list[str]) -> None:
    assert [token.text for token in read_tokens(code, syntax)] == texts


def test_positions_are_those_of_the_file() -> None:
    assert [token.at for token in read_tokens("ab cd", "c", 7)] == [7, 10]
    assert unescape(r"\x41\u0042\103\n\q") == "ABC\nq"
