"""Options that several words share."""

import rich_click as click

from codered_hq.cli.fleet_options import change_options, hosts_options, incident_option


def test_each_gives_its_options() -> None:
    def work(**_given: object) -> None:
        return

    made = click.command()(hosts_options(change_options(incident_option(work))))
    names = {parameter.name for parameter in made.params}
    assert {"names", "everything", "tags", "zone", "dry_run", "yes", "incident"} <= names
