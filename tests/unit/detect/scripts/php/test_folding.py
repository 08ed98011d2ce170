from codered.detect.scripts.php.folding import fold_call, increase, xor
from codered.detect.scripts.php.values import DECODED, HIDDEN, VISITOR, Value


def say(name: str, *texts: str) -> str | None:
    return fold_call(name, [Value(0, text) for text in texts]).text


def test_functions_of_texts() -> None:
    assert say("strrev", "tressa") == "assert"
    assert say("base64_decode", "YXNzZXJ0") == "assert"
    assert say("str_replace", "`", "", "a`s") == "as"
    assert say("strtr", "azx", "zx", "ss") == "ass"
    assert say("substr", "hello", "-3", "2") == "ll"
    assert say("sprintf", "%s%c", "a", "98") == "ab"
    assert say("pack", "H*", "6173") == "as"
    assert say("chr", "x") is None
    assert fold_call("base64_decode", [Value(VISITOR)]).flags & (VISITOR | DECODED) == VISITOR | DECODED
    assert fold_call("md5", [Value(VISITOR)]).flags == 0


def test_bits_and_counting() -> None:
    assert xor(Value(0, "!"), Value(0, "@"), "^") == Value(HIDDEN, "a")
    assert [increase(Value(0, text)).text for text in ("a", "9", "z")] == ["b", "10", "a"]
