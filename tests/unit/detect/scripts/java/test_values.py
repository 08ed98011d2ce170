from codered.detect.scripts.java.values import HIDDEN, NAMED_SCRIPT, REQUEST, WHOLE, Value, concatenate, join, merge


def test_a_text_that_begins_with_what_is_fixed_is_not_wholly_the_visitors() -> None:
    sent = Value(REQUEST | WHOLE)
    assert concatenate([Value(said="a"), sent]).bits == REQUEST
    assert concatenate([Value(said=""), sent]).bits == REQUEST | WHOLE
    assert concatenate([Value(said="a"), Value(said="b")]).said == "ab"
    assert concatenate([sent, Value(said="/x.jsp")]).bits & NAMED_SCRIPT


def test_bits_only_grow_and_types_only_get_firmer() -> None:
    merged = merge(Value(HIDDEN, "a", "Object"), Value(REQUEST, "b", "Runtime"))
    assert merged == Value(HIDDEN | REQUEST, None, "Runtime")
    assert merge(merged, Value(0, None, "String")).type == "Runtime"
    assert merge(None, merged) is merged
    assert join([Value(HIDDEN), Value(REQUEST)]) == HIDDEN | REQUEST
