from codered.collect.registry.name_folding import fold_name


def test_names_that_are_equal_to_windows() -> None:
    assert fold_name("Run") == fold_name("rUN")
    assert fold_name("\xe9t\xe9") == fold_name("\xc9T\xc9")
    assert fold_name("stra\xdfe") != fold_name("strasse"), "a character became two"
    assert fold_name("a\0b\ud800") == "A\0B\ud800"
