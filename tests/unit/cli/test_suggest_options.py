import rich_click as click
from click.testing import CliRunner

from codered.cli.suggest_options import SuggestOptions, suggest_options


def test_every_option_has_its_place() -> None:
    seen: list[SuggestOptions] = []

    @click.command()
    @suggest_options
    def word(**given: object) -> None:
        seen.append(SuggestOptions(**given))  # type: ignore[arg-type]

    runner = CliRunner()
    assert runner.invoke(word, []).exit_code == 0
    assert runner.invoke(word, ["r.json", "--address", "a", "--address", "b", "--for", "all", "--json"]).exit_code == 0
    bare, full = seen
    assert (bare.report, bare.platforms, bare.confirm_within, bare.attackers) == (None, "cisco,nftables", "10m", False)
    assert (full.report, full.address, full.platforms, full.as_json) == ("r.json", ("a", "b"), "all", True)
