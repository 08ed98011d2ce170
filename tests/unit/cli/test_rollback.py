from pathlib import Path

from tests.fixtures.changing import hash_tree
from tests.fixtures.saying import Say


def test_rollback_puts_everything_back(say: Say, plan: Path, volume: Path) -> None:
    before = hash_tree(volume)
    say("apply", plan, "--yes")
    assert hash_tree(volume) != before
    assert say("rollback", plan).code == 4
    answer = say("rollback", plan, "--yes")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err.endswith("codered: 6 changes undone\n")
    assert hash_tree(volume) == before
