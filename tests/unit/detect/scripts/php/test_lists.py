from codered.detect.scripts.php.lists import make_list, pick_item, split_text
from codered.detect.scripts.php.values import Value


def test_lists() -> None:
    listed = Value(0, None, {"x": Value(0, "1"), "y": Value(0, "2")})
    assert pick_item("end", [listed]).text == "2"
    assert pick_item("key", [listed]).text == "x"
    assert [item.text for item in (make_list("array_keys", [listed], 0).items or {}).values()] == ["x", "y"]
    pieces = split_text("explode", [Value(0, "."), Value(0, "a.b")]) or {}
    assert [item.text for item in pieces.values()] == ["a", "b"]
    assert len(split_text("range", [Value(0, "a"), Value(0, "e")]) or {}) == 5
