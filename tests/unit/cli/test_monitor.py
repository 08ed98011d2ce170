from codered.cli.monitor import MonitorOptions, command


def test_every_option_has_its_field() -> None:
    given = {option.name for option in command.params} - {"help"}
    assert given == set(MonitorOptions._fields)


def test_the_help_says_what_it_answers() -> None:
    assert "Exits with 0 if nothing came back" in (command.help or "")
