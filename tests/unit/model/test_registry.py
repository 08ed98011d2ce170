import pytest

from codered.model.registry import RegistryValue, escape_name, fold_name


@pytest.mark.parametrize(
    ("kind", "data", "texts", "number"),
    [
        (1, "a b\0rest".encode("utf-16-le"), ("a b",), None),
        (2, "%x%".encode("utf-16-le"), ("%x%",), None),
        (1, b"a\0b", ("a",), None),
        (1, b"\x00\xd8", ("\ud800",), None),
        (7, "p\0q\0\0".encode("utf-16-le"), ("p", "q"), None),
        (3, b"a\0", (), None),
        (4, b"\x9d\xff\xff\xff", (), 0xFFFFFF9D),
        (4, b"\1", (), None),
        (5, b"\0\0\0\2", (), 2),
        (11, b"\1" + bytes(7), (), 1),
        (11, b"\1", (), None),
    ],
)
def test_what_a_value_says(kind: int, data: bytes, texts: tuple[str, ...], number: int | None) -> None:
    value = RegistryValue("v", kind, data)
    assert (value.texts(), value.number()) == (texts, number)
    assert value.text() == (str(number) if number is not None else texts[0] if texts else "")


def test_names_on_one_line() -> None:
    assert escape_name("Virtual Roots é") == "Virtual Roots é"
    assert escape_name("a\0b\r\n\x1b[2J\ud800\u202e") == "a\\x00b\\r\\n\\x1b[2J\\ud800\\u202e"


def test_names_that_are_equal_to_windows() -> None:
    assert fold_name("Run") == fold_name("rUN")
    assert fold_name("\xe9t\xe9") == fold_name("\xc9T\xc9")
    assert fold_name("stra\xdfe") != fold_name("strasse"), "a character became two"
    assert fold_name("m\u0131x") != fold_name("MIX")
    assert fold_name("\u017fvc") != fold_name("SVC")
    assert fold_name("\U00010428") != fold_name("\U00010400"), "a pair of units, neither of which has a capital"
    assert fold_name("a\0b\ud800") == "A\0B\ud800"
