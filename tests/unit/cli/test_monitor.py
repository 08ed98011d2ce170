from codered.cli.monitor import command


def test_the_help_says_what_it_answers() -> None:
    assert "Exits with 0 if nothing came back" in (command.help or "")
