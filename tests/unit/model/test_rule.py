from codered.model.rule import RuleString


def make(source: str) -> RuleString:
    return RuleString("$a", "text", source, (), 1)


def test_escapes_of_a_text_string_are_bytes() -> None:
    assert make(r"plain").literal() == b"plain"
    assert make(r"a\x00\xffb").literal() == b"a\x00\xffb"
    assert make(r"\"quoted\" \\ \t\r\n").literal() == b'"quoted" \\ \t\r\n'
    assert make("ü").literal() == "ü".encode()
