"""The words of headquarters in `codered drill`."""

from codered.cli.drill import command
from codered_hq.cli.drill_words import COMMANDS
from tests.fixtures.saying import Say


def test_they_stand_beside_the_drill_of_a_host(say: Say) -> None:
    assert set(COMMANDS) == {"tabletop", "lab"}
    context = command.make_context("drill", [], resilient_parsing=True)
    assert command.list_commands(context) == ["host", "tabletop", "lab"]
    said = say("drill", "tabletop", "list")
    assert said.code == 0
    assert "three-am" in said.out
