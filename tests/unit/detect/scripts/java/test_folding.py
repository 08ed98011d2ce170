from codered.detect.scripts.java.folding import fold_call, fold_text
from codered.detect.scripts.java.tables import load_tables
from codered.detect.scripts.java.values import HIDDEN, REQUEST, Value


def test_known_texts_are_changed_and_decoded() -> None:
    tables = load_tables()
    decoded = fold_call(tables, Value(), "decodeBuffer", [Value(said="Y21k")])
    assert decoded == Value(HIDDEN, "cmd", "")
    assert fold_call(tables, Value(said="ab"), "reverse", []) == Value(HIDDEN, "ba", "")
    assert fold_call(tables, Value(said="ab"), "charAt", [Value(said="1")]) == Value(0, "b", "")
    whole = fold_call(tables, Value(said="a"), "concat", [Value(REQUEST)])
    assert whole is not None
    assert (whole.bits, whole.said) == (REQUEST, None)
    assert fold_call(tables, Value(), "unknown", []) is None
    assert fold_call(tables, Value(said="a" * 100), "replace", [Value(said="a"), Value(said="b" * 100)]) is None


def test_new_texts() -> None:
    assert fold_text("StringBuilder", []) == Value(0, "", "StringBuilder")
    assert fold_text("String", [Value(REQUEST, "x")]) == Value(REQUEST, "x", "String")
    assert fold_text("StringBuilder", [Value(0, "16", "number")]).said == ""
