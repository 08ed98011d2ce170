from codered_hq.model.action import ACTION_KINDS
from codered_hq.rules.judging import Ruling
from codered_hq.rules.matrix import Row, make_matrix, show_ruling
from tests.fixtures.rules_of_engagement import ALLOW, read_sample_book, write_rules


def test_the_matrix_of_the_sample() -> None:
    matrix = make_matrix(read_sample_book())
    assert matrix.classes == ("ordinary", "vital", "never_touch", "may_isolate", "fragile")
    assert sorted(kind for row in matrix.rows for kind in row.kinds) == sorted(ACTION_KINDS)
    commander, two = "incident commander", "executive + business, 4h"
    assert Row(
        ("isolate_host", "disable_port", "move_vlan", "block_address"),
        (f"{commander}, 24h", two, "NO", "yes, 24h", f"{commander}, 24h"),
    ) in matrix.rows  # fmt: skip
    assert Row(("scan",), ("yes", "yes", "yes", "yes", "NO")) in matrix.rows


def test_tags_of_the_file_have_columns_as_long_as_there_is_room() -> None:
    names = [f"t{number}" for number in range(9)]
    tags = "tags: {" + ", ".join(f"{name}: x" for name in names) + "}\n"
    matrix = make_matrix(write_rules(tags + ALLOW + f"    if: {{tag: [{', '.join(names)}]}}\n"))
    assert matrix.classes == ("ordinary", "vital", "never_touch", *names[:5])
    assert matrix.left_out == tuple(names[5:])


def test_answers_in_a_few_words() -> None:
    assert show_ruling(Ruling("no", "r", "w")) == "NO"
    assert show_ruling(Ruling("yes", "r", "w", (), 60)) == "yes, 1m"
    assert show_ruling(Ruling("needs", "r", "w", ("project_manager",))) == "project manager"
