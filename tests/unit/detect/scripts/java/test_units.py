from codered.detect.scripts.java.tokens import read_tokens
from codered.detect.scripts.java.units import find_classes, find_methods


def test_methods_with_what_they_take() -> None:
    tokens = read_tokens(
        "class A extends B implements C, D<E> { A(X x) { f(); } "
        "int[] go(final Map<K, V> m, String... s) throws Y { if (a) { } } "
        "new Z(1) { }; void no(int a); }"
    )
    methods = find_methods(tokens)
    assert [(method.name, method.takes) for method in methods] == [
        ("A", (("X", "x"),)),
        ("go", (("Map", "m"), ("String", "s"))),
    ]
    assert tokens.texts[methods[0].start : methods[0].end] == ["f", "(", ")", ";"]
    assert find_classes(tokens)["A"][:4] == ("extends", "B", "implements", "C")
