"""`codered hosts tag`."""

from datetime import UTC, datetime
from typing import Any

from codered.cli.output import say
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.host_choosing import choose
from codered_hq.cli.speaking import find_speaker
from codered_hq.cli.tables import count
from codered_hq.gate.marking import Marks
from codered_hq.gate.marking import mark as mark_by_hand
from codered_hq.hosts.finding import Selection, select_hosts

MOST_NAMED = 5


def mark(names: tuple[str, ...], given: dict[str, Any]) -> int:
    """Tag the hosts that are meant, and say what is to hold of them."""
    said = {
        name.removeprefix("set_"): value for name, value in given.items() if name.startswith("set_") and value
    }  # fmt: skip
    if not (given["add"] or given["remove"] or said):
        raise WrongUse("nothing to mark with", advice="give --add, --remove or --set-…")
    if both := sorted(set(given["add"]) & set(given["remove"])):
        raise WrongUse("is to be added and removed", where=both[0][:80], advice="say one of the two")
    selection = choose(names, given)
    if selection == Selection():
        raise WrongUse("no host is named", advice="name hosts, or choose them by --subnet, --tag, --owner …")
    enter_headquarters()
    hosts = list(select_hosts(selection))
    if not hosts:
        raise WrongUse("no host fits", advice="codered hosts show lists them")
    mark_by_hand(hosts, Marks(given["add"], given["remove"], said), find_speaker(given), datetime.now(UTC))
    more = " …" if len(hosts) > MOST_NAMED else ""
    say(f"{count(len(hosts), 'host')} marked: {', '.join(host.label for host in hosts[:MOST_NAMED])}{more}")
    return ExitCode.CLEAN
