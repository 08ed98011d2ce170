"""`codered packs publish`: a signed repository of packs, for any static web server, folder or stick."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import rich_click as click

from codered.cli.options import as_json_option

if TYPE_CHECKING:
    from codered.cli.packs.publish_work import PublishOptions

WORDS = ("init", "rotate", "refresh")
_SET = "set"


class PublishWords(click.RichGroup):
    """What is none of its words is a folder of packs."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`publish FOLDER…` is `publish set FOLDER…`."""
        if args and args[0] not in (*WORDS, _SET, "--help", "-h"):
            args = [_SET, *args]
        return super().parse_args(ctx, args)


def _publish_options(function: Callable[..., int]) -> Callable[..., int]:
    """The options that all of these words have, as one `asked`."""

    def run(*, repository: str, keys: tuple[str, ...], **more: Any) -> int:
        from codered.cli.packs.publish_work import PublishOptions

        names = ("passphrase_file", "expires_days", "as_json")
        asked = PublishOptions(repository, keys, *(more.pop(name) for name in names))
        return function(asked, **more)

    run.__doc__ = function.__doc__
    for option in (
        as_json_option,
        click.option("--expires-days", default=14, metavar="N", help="How long a standstill is believed. Default: 14."),
        click.option("--passphrase-file", metavar="FILE", help="Its first line opens the keys."),
        click.option(
            "--keys", multiple=True, required=True, metavar="KEYDIR", help="Folder of keys; several are fine."
        ),
        click.option("--to", "repository", required=True, metavar="REPOSITORY", help="The folder of the repository."),
    ):
        run = option(run)
    return run


@click.group("publish", cls=PublishWords)
def command() -> None:
    """Sign packs for others: `codered packs publish FOLDER… --to REPOSITORY --keys KEYDIR`."""


@command.command(_SET, hidden=True)
@click.argument("folders", nargs=-1, metavar="FOLDER...")
@click.option("--remove", "removed", multiple=True, metavar="NAME", help="A pack to take out.")
@_publish_options
def publish(asked: "PublishOptions", folders: tuple[str, ...], removed: tuple[str, ...]) -> int:
    """Check and try packs, then put them into the repository. The same again changes nothing."""
    from codered.cli.packs import publish_work

    return publish_work.publish(asked, folders, removed)


@command.command("init")
@click.option("--threshold", default=1, metavar="N", help="So many root keys must sign a new root.")
@click.option("--root-keys", default=0, metavar="N", help="Root keys to make. Default: as many as must sign.")
@_publish_options
def init(asked: "PublishOptions", threshold: int, root_keys: int) -> int:
    """Make keys and an empty repository."""
    from codered.cli.packs import publish_work

    return publish_work.make(asked, threshold, root_keys)


@command.command("rotate")
@click.argument("role", type=click.Choice(["root", "targets", "snapshot", "timestamp"]))
@_publish_options
def rotate(asked: "PublishOptions", role: str) -> int:
    """Give a role a new key in place of its oldest."""
    from codered.cli.packs import publish_work

    return publish_work.rotate(asked, role)


@command.command("refresh")
@_publish_options
def refresh(asked: "PublishOptions") -> int:
    """Sign a new timestamp: say that nothing is held back."""
    from codered.cli.packs import publish_work

    return publish_work.refresh(asked)
