import pytest
import rich_click as click
from click.testing import CliRunner

from codered.cli import options
from codered.cli.options import ChangeOptions, PlanOptions, VerifyOptions
from codered.cli.plan import command as plan
from codered.cli.respond import command as respond
from codered.cli.respond_options import RespondOptions


def take(*words: str, by: options.Decorated) -> dict[str, object]:
    """What a command with these options is given."""
    given: dict[str, object] = {}

    @click.command()
    @by
    def command(**options: object) -> None:
        given.update(options)

    result = CliRunner().invoke(command, words)
    assert result.exit_code == 0, result.output
    return given


def test_changing_words_do_nothing_silently_by_default() -> None:
    assert take(by=options.change_options) == {"dry_run": False, "yes": False, "as_json": False}
    assert take("--dry-run", "--yes", "--json", by=options.change_options) == {
        "dry_run": True,
        "yes": True,
        "as_json": True,
    }


def test_repeatable_options() -> None:
    assert take("--packs", "a", "--packs", "b", by=options.pack_option) == {"packs": ("a", "b")}
    assert take("--internal", "10.0.0.0/8", by=options.internal_option) == {"internal": ("10.0.0.0/8",)}
    assert take("-o", "a.json", "--output", "b.csv", by=options.output_options) == {
        "output": ("a.json", "b.csv"),
        "as_json": False,
    }


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (ChangeOptions, {"plan", "job"} | set(take(by=options.change_options))),
        (VerifyOptions, {"plan"} | set(take(by=options.output_options))),
        (PlanOptions, {option.name for option in plan.params}),
        (RespondOptions, {option.name for option in respond.params}),
    ],
)
def test_options_and_their_tuples_name_the_same_things(wanted: type, given: set[str]) -> None:
    assert set(wanted._fields) == given  # type: ignore[attr-defined]
