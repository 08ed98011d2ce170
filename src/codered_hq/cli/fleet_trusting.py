"""`codered fleet trust`: another key for a host."""

import getpass
import re
import sys
from datetime import UTC, datetime

import rich_click as click
from django.db import transaction

from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, Refused, WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.fleet.orders import find_pinned_key
from codered_hq.fleet.trusting import find_offered_key, trust_key, trust_made_anew
from codered_hq.hosts.finding import find_host

_KEY = re.compile(r"ed25519:[0-9a-f]{32}")


def trust(name: str, key: str, *, made_anew: bool, yes: bool) -> int:
    """Pin the key, and note that the machine was made anew. Raises WrongUse where there is no key, and Refused."""
    enter_headquarters()
    host = find_host(name)
    key = key or find_offered_key(host)
    if not key:
        raise WrongUse("it has not answered yet", where=host.label, advice="codered fleet scan asks it")
    if not _KEY.fullmatch(key):
        raise WrongUse("is no name of a key", where=key[:80], advice="write ed25519: and 32 hexadecimal digits")
    known = find_pinned_key(host)
    if known == key and not made_anew:
        show(f"{printable(host.label)} is known by {key} already\n")
        return ExitCode.CLEAN
    say(f"codered: {printable(host.label)} is known by {known or 'no key'}, and answered with {key}")
    _ask_person(yes)
    now, who = datetime.now(UTC), getpass.getuser()
    with transaction.atomic():
        if known != key:
            trust_key(host, key, now, who)
        if made_anew:
            trust_made_anew(host, now, who)
    show(f"{printable(host.label)} is known by {key}\n")
    if made_anew:
        show("a whole scan that finds nothing ends its case: codered fleet scan\n")
    return ExitCode.CLEAN


def _ask_person(yes: bool) -> None:
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUse("nobody is there to ask", where="--yes", advice="look at the host, then say --yes")
    if not click.confirm("Have you looked at the host, and is this its key?", err=True):
        raise Refused("not confirmed; nothing was changed")
