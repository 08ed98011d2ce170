from codered.detect.scripts.php.texts import read_escapes, read_single, split_double


def test_escapes_and_variables() -> None:
    assert read_escapes(r"\x41\102\u{43}\n\q") == "ABC\n\\q"
    assert read_single(r"'it\'s'") == "it's"
    assert list(split_double("a $b[c] {$d->e}")) == [
        ("a ", "", False),
        ("", "$b['c']", False),
        (" ", "", False),
        ("", "$d->e", False),
    ]
    assert list(split_double(r"\x61ss")) == [("ass", "", True)]
