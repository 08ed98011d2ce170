"""`codered fleet plan`, `apply`, `verify` and `rollback`: what is decided here about many hosts, and sent there."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import rich_click as click

from codered.cli.output import say, show
from codered.export.plans import render_plan
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, Refused, WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.fleet_changes import draw_foreseen, show_changes, show_dry_run
from codered_hq.cli.fleet_choosing import Meant, find_meant
from codered_hq.cli.fleet_running import run_and_tell
from codered_hq.cli.speaking import find_speaker
from codered_hq.cli.tables import count
from codered_hq.fleet.asking import Asker, ChangingWord, Foreseen, foresee, read_change, settle_incident
from codered_hq.fleet.ordering import order_change
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.planning import (
    OPEN,
    Given,
    LeftOut,
    find_owed,
    find_plans,
    find_reports,
    note_left_out,
    read_plan,
)
from codered_hq.fleet.running import begin_run
from codered_hq.hosts.finding import find_host
from codered_hq.hosts.models import Host
from codered_hq.incidents.people import Speaker, find_account

MOST_NAMED = 20


def plan(names: tuple[str, ...], given: dict[str, Any]) -> int:
    """Have plans made, or show one."""
    entered = enter_headquarters()
    if given["shown"]:
        return _show_plan(given["shown"], as_json=given["as_json"])
    meant = find_meant(names, given)
    found = find_reports(meant.hosts)
    hosts = _tell_left_out(meant.hosts, found)
    owed = find_owed(found.left_out, meant.named)
    if not hosts:
        say("codered: there is nothing to plan")
        return ExitCode.INCOMPLETE if owed else ExitCode.CLEAN
    run = begin_run("plan", hosts, _make_wish(given), datetime.now(UTC), found.documents)
    note_left_out(run, owed, datetime.now(UTC))
    code = run_and_tell(entered, run, as_json=given["as_json"])
    ready = find_plans(hosts, "plan", run.uid)
    if ready.documents and not given["as_json"]:
        show_changes(hosts, ready)
        say("codered: look at them: codered fleet plan --show HOST   ·   then: codered fleet apply " + run.uid[:8])
    return code


def change(word: ChangingWord, names: tuple[str, ...], given: dict[str, Any]) -> int:
    """Have the stored plans carried out, or undone."""
    entered = enter_headquarters()
    meant = find_meant(names, given)
    found = _find_for(word, meant)
    empty = [host for host in meant.hosts if host.pk in found.documents and _is_empty(host, found)]
    for host in empty:
        del found.documents[host.pk]
    left = tuple(LeftOut(host, "its plan holds no changes") for host in empty)
    hosts = _tell_left_out(meant.hosts, Given(found.documents, (*found.left_out, *left)))
    owed = find_owed((*found.left_out, *left), meant.named)
    dry_document = given["dry_run"] and given["as_json"]
    if dry_document:
        show_dry_run(word, hosts, found, (*found.left_out, *left), _foresee(word, hosts, found, given))
    if not hosts:
        say("codered: there is nothing to change")
        return ExitCode.INCOMPLETE if found.left_out or owed else ExitCode.CLEAN
    verb = "undo" if word == "rollback" else "apply"
    if not dry_document and (given["dry_run"] or not (given["yes"] and given["as_json"])):
        show_changes(hosts, found, to_stderr=given["as_json"])
    if given["dry_run"]:
        if not dry_document:
            show(draw_foreseen(_foresee(word, hosts, found, given)))
        say(f"codered: dry run: would {verb} the plans of {count(len(hosts), 'host')}; nothing was sent")
        return ExitCode.CLEAN
    _ask(f"{verb.capitalize()} these plans on {count(len(hosts), 'host')}?", yes=given["yes"])
    asker = Asker(find_speaker(given), given["reason"], settle_incident(given["incident"]), datetime.now(UTC))
    run = order_change(word, hosts, found.documents, Wish(incident=asker.incident), asker)
    note_left_out(run, [each for each in owed if not run.hosts.filter(host=each.host).exists()], asker.at)
    code = run_and_tell(entered, run, as_json=given["as_json"])
    if word == "apply" and code not in (ExitCode.REFUSED, ExitCode.AWAITING_APPROVAL):
        say(f"codered: next: codered fleet verify {run.uid[:8]}   ·   to undo it: codered fleet rollback {run.uid[:8]}")
    return code


def verify(names: tuple[str, ...], given: dict[str, Any]) -> int:
    """Have it proved that what was applied is gone."""
    entered = enter_headquarters()
    meant = find_meant(names, given)
    found = _find_for("verify", meant)
    hosts = _tell_left_out(meant.hosts, found)
    if not hosts:
        raise WrongUse("nothing was applied to any of them", advice="codered fleet apply comes first")
    run = begin_run("verify", hosts, _make_wish(given), datetime.now(UTC), found.documents)
    note_left_out(run, find_owed(found.left_out, meant.named, OPEN), datetime.now(UTC))
    return run_and_tell(entered, run, as_json=given["as_json"])


def _find_for(word: str, meant: Meant) -> Given:
    """The plans that an apply is to send are those that hosts made; all else is about what was applied."""
    of: Literal["plan", "apply", "rollback"] = "plan" if word == "apply" else "apply"
    uid = meant.run.uid if meant.run is not None and meant.run.word == of else ""
    return find_plans(meant.hosts, "rollback" if word == "rollback" else of, uid)


def _foresee(word: ChangingWord, hosts: Sequence[Host], found: Given, given: dict[str, Any]) -> tuple[Foreseen, ...]:
    """What the rules would answer. Nobody need prove who he is: nothing is asked for."""
    speaker = Speaker(None, find_account(), None)
    asker = Asker(speaker, given["reason"], settle_incident(given["incident"]), datetime.now(UTC))
    plans = {host.pk: (host.label, found.documents[host.pk].plan, found.documents[host.pk].digest) for host in hosts}
    return foresee(read_change(word, plans), hosts, asker) if hosts else ()


def _make_wish(given: dict[str, Any]) -> Wish:
    return Wish(incident=given["incident"])


def _is_empty(host: Host, found: Given) -> bool:
    return not read_plan(found.documents[host.pk], host.label).actions


def _tell_left_out(hosts: Sequence[Host], found: Given) -> list[Host]:
    for each in found.left_out[:MOST_NAMED]:
        say(f"codered: left out: {printable(each.host.label)}: {each.why}")
    if len(found.left_out) > MOST_NAMED:
        say(f"codered: left out: {len(found.left_out) - MOST_NAMED:,} more")
    return [host for host in hosts if host.pk in found.documents]


def _show_plan(name: str, *, as_json: bool) -> int:
    host = find_host(name)
    found = find_plans([host])
    if host.pk not in found.documents:
        raise WrongUse("it has no plan", where=host.label, advice="codered fleet plan makes one")
    document = found.documents[host.pk]
    made = read_plan(document, host.label)
    show(document.plan.decode() + "\n" if as_json else render_plan(made))
    if not as_json:
        say(f"codered: it is kept at headquarters; to have it carried out there: codered fleet apply '{host.label}'")
    return ExitCode.CLEAN


def _ask(question: str, *, yes: bool) -> None:
    """Raises WrongUse where nobody can be asked, Refused when the answer is no."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUse("nobody is there to ask", where="--yes", advice="review it, then say --yes")
    if not click.confirm(question, err=True):
        raise Refused("not confirmed; nothing was sent")
