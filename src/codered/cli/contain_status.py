"""The work of `codered contain status`."""

import time
from datetime import UTC, datetime

import msgspec

from codered.cli.contain_views import answer_status, render_status
from codered.cli.output import say, show
from codered.model.containment import ContainmentList
from codered.model.errors import CodeRedError, ExitCode
from codered.model.firewall import ContainmentStatus
from codered.respond import containing, unknown_tables
from codered.respond.frozen_alone import list_frozen_alone

_MOST_TOLD = 20
_PATIENCE, _GLANCE = 5.0, 0.05  # seconds for a keeper that was just started to put it back


def show_status(name: str, *, keep: bool, as_json: bool) -> int:
    """`codered contain status`. Raises WrongUse, Refused."""
    names = (name,) if name else containing.list_in_force()
    statuses, untold = _describe_all(names, keep=keep)
    unknown, unseen = ((), "") if name else find_unknown()
    if as_json:
        show(encode(ContainmentList(containments=statuses, unknown=unknown)))
    else:
        for status in statuses:
            show(render_status(status, datetime.now(UTC)))
    for each in unknown:
        say(f"codered: tables {each} stand, and no record tells of them: `codered contain off {each}` takes them away")
    for each in (*untold, unseen):
        if each:
            say(each)
    alone = {} if name else list_frozen_alone()
    for plan, pids in alone.items():
        shown = ", ".join(map(str, pids[:_MOST_TOLD]))
        say(f"codered: frozen, without a firewall: process {shown}: `codered rollback {plan}` lets it go on")
    if not (names or unknown or unseen or alone):
        say("codered: nothing is contained")
    for status in statuses:
        _advise(status)
    return answer_status(statuses) or (ExitCode.INCOMPLETE if unknown or unseen or untold or alone else ExitCode.CLEAN)


def _describe_all(names: tuple[str, ...], *, keep: bool) -> tuple[tuple[ContainmentStatus, ...], list[str]]:
    """Each that can be told of, and why the others can't. Raises what the only one raises."""
    found, untold = [], []
    for name in names:
        try:
            if keep and (said := containing.keep(name)):
                say(f"codered: {name}: {said}")
            found.append(_describe_kept(name) if keep else containing.describe(name))
        except CodeRedError as error:
            if len(names) == 1:
                raise
            untold.append(f"codered: {name}: {error}")
    return tuple(found), untold


def _describe_kept(name: str) -> ContainmentStatus:
    """As it is once who was started has had time to put it back."""
    until = time.monotonic() + _PATIENCE
    while True:
        status = containing.describe(name)
        if status.state != "flushed" or not status.kept_by or time.monotonic() >= until:
            return status
        time.sleep(_GLANCE)


def _advise(status: ContainmentStatus) -> None:
    name = status.plan
    if status.state == "flushed" and not status.kept_by:
        say(f"codered: {name} holds nothing back, and nobody keeps it: `codered contain status --keep` puts it back")
    elif status.state == "flushed":
        say(f"codered: {name} holds nothing back now; process {status.kept_by} keeps it and puts it back: look again")
    elif status.state == "opened":
        say(f"codered: {name} holds nothing back: `codered contain off {name}`, then begin it anew")
    elif status.state != "off" and not status.kept_by:
        say("codered: nobody keeps it: `codered contain status --keep` starts who does")


def find_unknown() -> tuple[tuple[str, ...], str]:
    """Tables of ours that no containment known here is about, and what to say if that can't be seen."""
    try:
        return unknown_tables.list_unknown(), ""
    except OSError as error:
        return (), f"codered: what the kernel holds back can't be seen: {error.strerror}: run this as root"


def encode(noun: msgspec.Struct) -> str:
    """The document as JSON for people."""
    return msgspec.json.format(msgspec.json.encode(noun), indent=2).decode() + "\n"
