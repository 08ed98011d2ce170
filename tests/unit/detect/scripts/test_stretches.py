from codered.detect.scripts.stretches import MOST_BYTES, list_stretches

LINES = b"// nothing at all\n" * 200_000  # 3.4 MiB


def test_a_small_file_is_read_once() -> None:
    assert [tuple(stretch) for stretch in list_stretches(b"<?php 1;", 0, [6], "/a.php")] == [(b"<?php 1;", 0, 0)]


def test_what_a_gate_matches_far_behind_is_read_with_its_opening() -> None:
    data = b'<%@ Page Language="C#" %>\n<?php\n' + LINES + b"here();"
    first, wide, narrow = list_stretches(data, 0, [10, len(data) - 3], "/a")
    assert first == (data[:MOST_BYTES], 0, 0)
    for stretch in (wide, narrow):
        assert stretch.data.startswith(b'<%@ Page Language="C#" %><?php\n')
        assert stretch.data.endswith(b"here();")
        assert stretch.find_place(len(stretch.data) - 7) == len(data) - 7
        assert stretch.find_place(3) == -1
    assert narrow.data.endswith(b"<?php\nhere();")


def test_a_later_piece_is_opened_by_its_name_and_never_read_as_a_whole() -> None:
    found = list_stretches(LINES + b"x();", 1000, [1000 + len(LINES)], "/a.PHP")
    assert [stretch.data[:6] for stretch in found] == [b"<?php\n"] * 2
    assert found[-1].find_place(len(found[-1].data) - 4) == 1000 + len(LINES)
    assert len(list_stretches(LINES, 0, [*range(0, len(LINES), 1000)], "/a")) <= 5
    assert max(len(stretch.data) for stretch in list_stretches(LINES * 2, 7, [9], "/a")) <= MOST_BYTES + 1000
