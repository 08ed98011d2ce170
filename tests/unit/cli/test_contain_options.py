import rich_click as click

from codered.cli.contain_options import AutoOptions, OnOptions, auto_options, on_options
from codered.cli.options import change_options


def test_every_option_has_its_field() -> None:
    @click.command()
    @on_options
    @change_options
    def on(**_: object) -> None: ...

    @click.command()
    @auto_options
    def auto(**_: object) -> None: ...

    assert {each.name for each in on.params} == set(OnOptions._fields)
    assert {each.name for each in auto.params} - {"auto"} == set(AutoOptions._fields)
