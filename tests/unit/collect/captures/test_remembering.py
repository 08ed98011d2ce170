from codered.collect.captures.remembering import Remembered


def test_bounded_and_counted() -> None:
    table: Remembered[int] = Remembered(most=10)
    for number in range(100):
        table.keep(b"%d" % number, number)
    assert table.forgotten == 80
    assert [table.find(b"%d" % number) for number in range(90, 100)] == list(range(90, 100))
    assert [table.find(b"%d" % number) for number in range(80)] == [None] * 80
    assert table.find(b"80") == 80


def test_what_is_used_stays() -> None:
    table: Remembered[int] = Remembered(most=10)
    table.keep(b"used", 1)
    for number in range(100):
        table.keep(b"%d" % number, number)
        assert table.find(b"used") == 1
    assert table.forgotten <= 90


def test_overwriting_forgets_nothing() -> None:
    table: Remembered[int] = Remembered(most=2)
    for number in range(50):
        table.keep(b"a", number)
    assert table.find(b"a") == 49
    assert table.find(b"b") is None
    assert table.forgotten == 0
