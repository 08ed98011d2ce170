from codered.detect.scripts.asp.objects import read_objects


def test_objects_of_tags_are_made_like_others() -> None:
    tag = '<object runat=server id=tool progid="WScript.Shell"></object><object id=seen classid="clsid:1"></object>'
    assert "".join(token.text for token in read_objects(tag)) == "tool=createobject(wscript.shell):"
