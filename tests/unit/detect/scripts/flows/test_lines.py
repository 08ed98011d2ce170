import pytest

from codered.detect.scripts.flows.lines import Line, find_target, match_brackets, split_arguments
from codered.detect.scripts.flows.tokens import read_tokens


@pytest.mark.parametrize(
    ("syntax", "code", "target"),
    [
        ("vb", "Set a = b", ("a", 3, "")),
        ("vb", 'a("x") = b', ("a", 5, "")),
        ("vb", "Dim p As New Process()", ("p", 4, "")),
        ("vb", "if a = b", ("", 0, "")),
        ("c", "System.IO.File a = b", ("a", 7, "")),
        ("c", "p.StartInfo.FileName = b", ("p", 6, "filename")),
        ("c", "foreach (T a in b)", ("a", 5, "")),
        ("perl", "foreach my $a (@b)", ("a", 3, "")),
        ("c", "run(a)", ("", 0, "")),
    ],
)
def test_what_is_assigned_to(syntax: str, code: str, target: tuple[str, int, str]) -> None:
    assert find_target(list(read_tokens(code, syntax)), syntax) == target


def test_brackets_and_arguments() -> None:
    tokens = list(read_tokens("f(a, g(b, c), [d", "c"))
    partner = match_brackets(tokens)
    assert partner == {1: 13, 5: 9, 11: 13}
    assert split_arguments(Line(tokens, partner, "", "", 0, "", ()), 5, 9) == [(6, 7), (8, 9)]
