from codered_hq.model.inventory import Skipped
from codered_hq.resolving.row_values import Refusals, mac_in, mac_of, number_of, text_of


def test_texts_cannot_move_the_cursor_or_fill_the_screen() -> None:
    assert text_of(b"Gi0/1\0") == "Gi0/1"
    assert "\x1b" not in text_of(b"\x1b[2Jx\n")
    assert len(text_of(b"x" * 100_000)) == 255
    assert text_of("Büro 3".encode()) == "Büro 3"
    assert text_of(7) == text_of(None) == ""


def test_macs_and_numbers_of_the_wrong_kind() -> None:
    assert mac_of(bytes.fromhex("005056880125")) == "00:50:56:88:01:25"
    assert mac_of(b"12345") == mac_of(7) == mac_of(None) == ""
    assert mac_in((50, 0, 80, 86, 136, 1, 37)) == "00:50:56:88:01:25"
    assert mac_in((50, 0, 80, 86, 136, 1, 256)) == ""
    assert (number_of(3), number_of(b"3"), number_of(None)) == (3, -1, -1)


def test_refusals_are_counted() -> None:
    refusals, skipped = Refusals("column"), list[Skipped]()
    for _ in range(3):
        refusals.count("odd")
    refusals.count("even")
    refusals.tell(skipped)
    assert [(one.where, one.why) for one in skipped] == [
        ("column", "3 rows not taken: odd"),
        ("column", "1 row not taken: even"),
    ]
