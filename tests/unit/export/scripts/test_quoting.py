"""Whatever a name is, the script reads the very same one."""

import re

import tree_sitter
import tree_sitter_powershell
from hypothesis import given
from hypothesis import strategies as st

from codered.export.scripts.quoting import is_safe_for_cmd, quote_powershell, quote_reg, quote_vbs, write_comment

NAMES = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="\"'`$%!^&|<>(){};,@#\\ \r\n\t\0\u2018\u2019\u201a\u201b\u201c\ud800\U0001f600ab", max_size=40),
)
PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def units_of(text: str) -> list[int]:
    raw = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(raw[at : at + 2], "little") for at in range(0, len(raw), 2)]


def read_literal(expression: str, text: str, number: str, plus: str) -> list[int]:
    """The text that an expression of quoted parts and numbered characters gives; it must hold nothing else."""
    units: list[int] = []
    at = 0
    while True:
        found = re.compile(f"(?P<text>{text})|{number}").match(expression, at)
        assert found, expression[at:]
        if found["text"] is not None:
            quote = found["text"][0]
            units += units_of(found["text"][1:-1].replace(quote * 2, quote))
        else:
            units.append(int(found["unit"]))
        at = found.end()
        if at == len(expression):
            return units
        assert expression.startswith(plus, at), expression[at:]
        at += len(plus)


@given(NAMES)
def test_vbscript_reads_the_same_text(name: str) -> None:
    said = quote_vbs(name)
    assert all(" " <= char <= "~" for char in said)
    assert read_literal(said, '"(?:[^"]|"")*"', r"ChrW\((?P<unit>\d+)\)", " & ") == units_of(name)


@given(NAMES)
def test_powershell_reads_the_same_text(name: str) -> None:
    said = quote_powershell(name)
    assert all(" " <= char <= "~" for char in said)
    assert (said[0], said[-1]) == ("(", ")")
    assert read_literal(said[1:-1], "'(?:[^']|'')*'", r"\[string\]\[char\](?P<unit>\d+)", " + ") == units_of(name)
    assert not PARSER.parse(f"Clear-File 1 {said} 5 'x' @()\n".encode()).root_node.has_error


@given(NAMES)
def test_a_registration_file_reads_the_same_text_or_none_is_written(name: str) -> None:
    said = quote_reg(name)
    assert (said is None) == any(not " " <= char <= "~" for char in name)
    if said is not None:
        assert re.fullmatch(r'"(?:[^"\\]|\\["\\])*"', said)
        assert re.sub(r"\\(.)", r"\1", said[1:-1]) == name


@given(NAMES)
def test_a_comment_stays_on_its_line(name: str) -> None:
    assert all(" " <= char <= "~" for char in write_comment(name))


@given(NAMES)
def test_a_command_line_takes_no_name_that_means_more(name: str) -> None:
    if is_safe_for_cmd(name):
        assert name.isascii()
        assert not set(name) & set('%!^&|<>"`*?/\r\n\t\0')
    assert is_safe_for_cmd("C:\\Program Files (x86)\\a-b_c~1.exe")
