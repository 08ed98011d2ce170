"""Options that several words share."""

from collections.abc import Callable
from typing import Any, NamedTuple

import rich_click as click

Decorated = Callable[..., Any]


class ScanOptions(NamedTuple):
    """What the user asked `codered scan` for."""

    paths: tuple[str, ...]
    root: str | None
    logs: tuple[str, ...]
    memory: str | None
    fast: bool
    full: bool
    dump: str | None
    internal: tuple[str, ...]
    jobs: int | None
    packs: tuple[str, ...]
    as_json: bool
    output: tuple[str, ...]
    no_cache: bool = False
    baseline: str | None = None
    advisories: str | None = None
    capture: tuple[str, ...] = ()
    columns: str = ""
    network: bool = False
    length: str = ""
    watch: str = "0s"
    image: str | None = None
    no_hash: bool = False
    deleted: bool = False


class PlanOptions(NamedTuple):
    """What the user said to `codered plan`."""

    report: str
    restore_from: str | None
    include_suspicious: bool
    output: str | None
    as_json: bool
    packages: tuple[str, ...] = ()
    keyring: str | None = None
    lists: str | None = None
    offline: bool = False
    baseline: str | None = None
    patch: bool = False
    mitigate: bool = False
    advisories: str | None = None


class ChangeOptions(NamedTuple):
    """What the user said to a word that changes something."""

    plan: str
    dry_run: bool
    yes: bool
    as_json: bool
    job: str | None = None


class VerifyOptions(NamedTuple):
    """What the user said to a word that looks again at a plan's places."""

    plan: str
    as_json: bool
    output: tuple[str, ...]


def pack_option(function: Decorated) -> Decorated:
    """`--packs NAME`, repeatable."""
    text = "Only these threat packs, or folders of your own such as ./NAME (repeatable). Default: all."
    return click.option("--packs", multiple=True, metavar="NAME|DIR", help=text)(function)


def advisories_option(function: Decorated) -> Decorated:
    """`--advisories DIR`."""
    text = (
        "Also judge installed software by the advisories (OSV files) in this folder. Default: /etc/codered/advisories."
    )
    return click.option("--advisories", metavar="DIR", help=text)(function)


def internal_option(function: Decorated) -> Decorated:
    """`--internal CIDR`, repeatable."""
    text = "Your own networks: an attacker in them is a suspected infected host. Default: private ranges."
    return click.option("--internal", multiple=True, metavar="CIDR", help=text)(function)


def as_json_option(function: Decorated) -> Decorated:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)


def output_options(function: Decorated) -> Decorated:
    """`--json` on stdout, and `-o FILE` by the file's ending."""
    text = "Also write the report here, by its ending: .json .html .csv .attackers.csv .txt (repeatable)."
    return as_json_option(click.option("-o", "--output", multiple=True, metavar="FILE", help=text)(function))


def traffic_options(function: Decorated) -> Decorated:
    """`--capture`, `--columns`, `--network`, `--for` and `--watch` of a scan."""
    for option in reversed(_TRAFFIC):
        function = option(function)
    return function


_TRAFFIC = (
    click.option(
        "--capture",
        multiple=True,
        metavar="FILE",
        help="Traffic only: pcap, pcapng, Zeek, Suricata, NetFlow or CSV files, or folders; PATHs are such files too.",
    ),
    click.option("--columns", metavar="MAP", default="", help="The columns of CSV traffic: time=1,source=2,…"),
    click.option("--network", is_flag=True, help="This host: only what its processes reach for on the network."),
    click.option("--for", "length", metavar="TIME", default="", help="With --network: how long. Default: 60s."),
    click.option(
        "--watch",
        metavar="TIME",
        default="10s",
        show_default=True,
        help="This host: watch its network behaviour for this long beside the rest; 0s = not at all.",
    ),
)


def source_options(function: Decorated) -> Decorated:
    """`--baseline`, `--restore-from` and the others that say where known-good files come from."""
    for option in reversed(_SOURCES):
        function = option(function)
    return function


_SOURCES = (
    click.option("--baseline", metavar="FILE", help="A signed baseline, to restore from the contents that it kept."),
    click.option("--restore-from", metavar="PATH", help="A known-good copy, laid out like the root, or a tar of one."),
    click.option("--packages", multiple=True, metavar="DIR", help="A folder of packages to restore from (repeatable)."),
    click.option("--keyring", metavar="FILE", help="The keys that must vouch for packages. Default: apt's own."),
    click.option("--lists", metavar="DIR", help="Signed package indexes. Default: the target's /var/lib/apt/lists."),
    click.option("--offline", is_flag=True, help="Download no package."),
)


def job_option(function: Decorated) -> Decorated:
    """`--job FILE`, which only `codered answer` says: the sealed job that orders the change."""
    return click.option("--job", metavar="FILE", hidden=True)(function)


def change_options(function: Decorated) -> Decorated:
    """`--dry-run`, `--yes` and `--json`, which every changing word takes."""
    dry = click.option("--dry-run", is_flag=True, help="Check and show everything, change nothing.")
    yes = click.option("--yes", is_flag=True, help="Do it without asking; needed where there is no terminal.")
    return dry(yes(as_json_option(function)))
