"""Words of a group that are headquarters', where it is there."""

import pytest
import rich_click as click

from codered.cli import contain, drill
from codered.cli.shared_words import SharedWords


@pytest.mark.parametrize(
    ("group", "own", "other"), [(contain.command, "suggest", "port"), (drill.command, "host", "tabletop")]
)
def test_headquarters_words_come_after_this_hosts_and_go_with_it(
    group: click.Group, own: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(group, SharedWords)
    context = click.Context(group)
    words = group.list_commands(context)
    assert words.index(own) < words.index(other)
    assert group.get_command(context, own) is not None
    assert group.get_command(context, other) is not None
    assert group.get_command(context, "nothing") is None
    monkeypatch.setattr("codered.cli.shared_words.has_headquarters", lambda: False)
    assert other not in group.list_commands(context)
    assert group.get_command(context, other) is None
    assert group.get_command(context, own) is not None
