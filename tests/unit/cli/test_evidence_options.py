import rich_click as click
from click.testing import CliRunner

from codered.cli.evidence_options import custody_options


def test_custody_options_have_names_that_are_handed_on() -> None:
    given: list[tuple[str, str, str | None]] = []

    @click.command()
    @custody_options
    def word(by: str, authority: str, key: str | None) -> None:
        given.append((by, authority, key))

    assert CliRunner().invoke(word, ["--by", "anna", "--authority", "case 7", "--key", "k"]).exit_code == 0
    assert CliRunner().invoke(word, []).exit_code == 0
    assert given == [("anna", "case 7", "k"), ("", "", None)]
