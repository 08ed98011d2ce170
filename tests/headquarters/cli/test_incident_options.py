"""Options of several words: an incident, a role."""

import rich_click as click
from click.testing import CliRunner

from codered_hq.cli.incident_options import incident_option, name_argument, role_option


def test_what_they_take() -> None:
    @click.command()
    @name_argument
    @incident_option
    @role_option(default="")
    def optional(**given: str) -> None:
        click.echo(" ".join(f"{name}={given[name]}" for name in sorted(given)))

    @click.command()
    @role_option(required=True)
    def required(**given: str) -> None:
        click.echo(given["role"])

    run = CliRunner().invoke
    assert run(optional, []).output == "incident= name= role=\n"
    assert run(optional, ["x", "--incident", "y", "--role", "legal"]).output == "incident=y name=x role=legal\n"
    assert run(required, ["--role", "legal"]).output == "legal\n"
    for command, words in ((optional, ["--role", "king"]), (required, []), (required, ["--role", ""])):
        assert run(command, words).exit_code == 2, words
