"""`codered incident export`: what happened, as events, indicators, a playbook or the ledger, for other programs."""

import socket
from datetime import UTC, datetime
from typing import Any

from codered.cli.output import check_place, say, show, write_whole
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.tables import count
from codered_hq.incidents.current import find_incident
from codered_hq.ledger.reading import find_head, iterate_lines, verify_ledger
from codered_hq.reporting.exporting import render_export
from codered_hq.reporting.happened import gather_happenings
from codered_hq.standards import ocsf
from codered_hq.standards.syslog5424 import make_message, parse_receiver, send_messages


def export(given: dict[str, Any]) -> int:
    """Words: name ("" = the open one), form (ocsf, syslog, stix, cacao, ledger), output (a file, "" = standard output),
    to (for syslog) and ca (PEM, for tls). The ledger is whole, of all incidents: a part of a chain proves nothing.
    Raises WrongUse, NotRolledBack.
    """
    form, output, to = (str(given.get(name) or "") for name in ("form", "output", "to"))
    if to and (form != "syslog" or output):
        raise WrongUse(
            "sends syslog, and nothing else", where="--to", advice="say --format syslog --to URL, without -o"
        )
    if given.get("ca") and not to:
        raise WrongUse("is for what is sent", where="--ca", advice="say --to tls://HOST:PORT")
    receiver = parse_receiver(to) if to else None
    if output:
        check_place(output)
    headquarters = enter_headquarters()
    if form == "ledger":
        return _export_ledger(output)
    incident = find_incident(str(given.get("name") or ""))
    happened = gather_happenings(incident, headquarters.config.name, datetime.now(UTC))
    if receiver:
        messages = (make_message(event, socket.gethostname()) for event in ocsf.make_events(happened))
        say(f"codered: {count(send_messages(receiver, messages, str(given.get('ca') or '')), 'message')} sent to {to}")
        return ExitCode.CLEAN
    _write(output, render_export(form, happened, incident))
    return ExitCode.CLEAN


def _export_ledger(output: str) -> int:
    """One that does not hold together is written all the same, and said to be so (exit 1): it is what there is."""
    _write(output, "".join(iterate_lines()))
    head = find_head()
    told = f"entries: {head.seq:,}, head: {head.hash}" if head else "no entries yet"
    say(f"codered: {told}")
    verdict = verify_ledger()
    if verdict.problem:
        say(f"codered: WRONG: {verdict.problem}: keep this file and the database as they are")
        return ExitCode.FOUND
    return ExitCode.CLEAN


def _write(output: str, text: str) -> None:
    if output:
        write_whole(output, text)
        say(f"codered: written: {output}")
    else:
        show(text)
