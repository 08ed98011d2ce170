from codered.detect.scripts.php.values import (
    LEADING,
    NOTHING,
    REQUEST,
    VISITOR,
    Value,
    gather,
    join,
    merge,
    read_number,
    spread,
)


def test_what_stands_at_the_beginning_is_told_from_what_is_inside() -> None:
    sent = Value(VISITOR)
    assert join(sent, Value(0, " x")).flags == VISITOR
    assert join(Value(0, "convert "), sent).flags == REQUEST
    assert join(Value(0, "cd /; "), sent).flags & LEADING
    assert join(Value(0, "a"), Value(0, "b")).text == "ab"


def test_lists_and_numbers() -> None:
    listed = Value(0, None, {"0": Value(VISITOR), "1": Value(0, "x")})
    assert (gather(listed), spread(listed).text) == (VISITOR, "x")
    assert merge(NOTHING, listed) is listed
    assert [read_number(text) for text in ("12", "0x1f", "017", "x", None)] == [12, 31, 15, None, None]
