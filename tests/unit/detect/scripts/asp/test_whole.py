from codered.detect.scripts.asp.pages import Part
from codered.detect.scripts.asp.whole import MOST_STYLESHEETS, find_stylesheets, judge_size


def test_little_code_is_told() -> None:
    assert [fact.name for fact in judge_size([Part("x", 0, "")])] == ["tiny"]
    assert list(judge_size([Part("x" * 5000, 0, "")])) == list(judge_size([])) == []


def test_programs_of_style_sheets_are_found() -> None:
    text = '<msxsl:script language="x"><![CDATA[say(""a"")]]></msxsl:script>' + "<msxsl:script>" * 100
    found = list(find_stylesheets(text))
    assert found[0][1].code.startswith('say("a")')
    assert len(found) == MOST_STYLESHEETS
