import pytest

from codered.export.scripts.steps import Script
from codered.export.scripts.templates import end_lines, fill_template, head_values, read_template


@pytest.mark.parametrize("name", ["old.cmd", "old.vbs", "sha256.vbs", "metabase.vbs", "new.ps1"])
def test_a_template_is_plain_ascii_on_short_lines(name: str) -> None:
    assert max(map(len, read_template(name).splitlines())) < 300
    assert "\t" not in read_template(name)


def test_a_mark_is_filled_once_and_what_stands_in_a_value_is_no_mark() -> None:
    assert fill_template("@@ID@@ @@NAME@@", {"ID": "@@NAME@@", "NAME": "x"}) == "@@NAME@@ x"
    assert end_lines("a\nb\r\n") == b"a\r\nb\r\n"


def test_a_hostile_title_stays_in_its_comment() -> None:
    script = Script(id="x", role="iis5", title="a\r\ndel C:\\*", origin="b\nc" + "d" * 5000, steps=())
    values = head_values(script, "clean.cmd")
    assert not set("\r\n") & set("".join(values.values()))
    assert len(values["DIGEST"]) < 500


def test_the_command_file_is_straight_lines_that_nt4_knows() -> None:
    text = read_template("old.cmd").lower()
    assert "(" not in text
    for word in ("set /p", "if defined", "exit /b", "setlocal", "enabledelayedexpansion", "!"):
        assert word not in text
