from codered.cli.monitor import command
from codered.cli.monitor_options import MonitorOptions


def test_every_option_has_its_field() -> None:
    given = {option.name for option in command.params} - {"help"}
    assert given == set(MonitorOptions._fields)
