from codered.detect.scripts.java.called import Called
from codered.detect.scripts.java.tables import load_tables
from codered.detect.scripts.java.tokens import read_tokens
from codered.detect.scripts.java.values import NOTHING
from codered.detect.scripts.java.world import World


def test_a_report_carries_the_place_of_the_call() -> None:
    seen: list[tuple[str, int]] = []
    page = World(read_tokens("a b"), load_tables(), lambda name, at: seen.append((name, at)))
    Called(page, NOTHING, [], 1).report("runs-commands")
    assert seen == [("runs-commands", 1)]
