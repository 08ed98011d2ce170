"""--as and --key, also from the environment."""

from pathlib import Path
from typing import Any

import pytest
import rich_click as click
from click.testing import CliRunner

from codered.model.errors import Refused
from codered_hq.cli.speaking import find_speaker, speaker_options
from codered_hq.incidents.people import find_account
from tests.fixtures.gate_crew import join


@click.command()
@speaker_options
def word(**given: Any) -> None:
    click.echo(f"{given['as_name']}|{given['key_file']}")


@pytest.mark.django_db
def test_who_speaks_is_said_by_options_or_by_the_environment(tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(word, []).output == "|\n"
    assert run(word, ["--as", "Kim", "--key", "/k"]).output == "Kim|/k\n"
    assert run(word, [], env={"CODERED_AS": "Lou", "CODERED_KEY": "/l"}).output == "Lou|/l\n"
    assert find_speaker({"as_name": "", "key_file": ""}).name == find_account()
    join("Kim", "executive")
    with pytest.raises(Refused, match="none was shown"):
        find_speaker({"as_name": "Kim", "key_file": ""})
