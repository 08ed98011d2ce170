"""What `codered serve` does: listens, opens headquarters, tells where, and serves with the worker beside it."""

import importlib.util
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Final, NamedTuple

from codered.cli.output import say
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.config import headquarters_folder, is_exercise, make_console_secret, make_headquarters_folder
from codered_hq.serving import names
from codered_hq.serving.certificates import Certificate, find_or_make_certificate, make_context, read_certificate
from codered_hq.serving.demos import open_demo_folder
from codered_hq.serving.turns import serve_alone
from codered_hq.serving.workers import Worker

if TYPE_CHECKING:
    from codered_hq.opening import Headquarters
    from codered_hq.serving.server import ConsoleServer

SETTINGS: Final = "codered_hq.console_settings"
NEEDED: Final = ("django", "allauth", "csp", "ninja", "uvicorn", "whitenoise")


class Choices(NamedTuple):
    """What was given; "" = not given."""

    host: str
    port: int
    certificate: str
    key: str
    names: tuple[str, ...]
    origin: str
    no_worker: bool
    demo: bool
    until_eof: bool = False


def serve(given: Choices) -> int:
    """Serve until somebody ends it. Raises WrongUse and Refused before anything is served."""
    given = _check(given)
    with ExitStack() as opened:
        listening = opened.enter_context(names.bind(given.host, given.port))
        if given.demo:
            opened.enter_context(open_demo_folder())
        known = names.list_names(given.host, given.names)
        os.environ["CODERED_CONSOLE_NAMES"] = names.allow_names(known)
        os.environ["CODERED_CONSOLE_ORIGIN"] = given.origin
        folder = make_headquarters_folder()
        address = given.origin or names.make_address(given.host, listening.getsockname()[1], given.names)
        opened.enter_context(serve_alone(folder, address))
        make_console_secret(folder)  # before Django's settings read it
        entered = enter_headquarters(SETTINGS, named=not given.demo)
        if given.demo:
            _load_demo(entered.folder)
        certificate = _find_certificate(given, entered, known)
        _tell_places(given, listening.getsockname()[1], address, certificate)
        if not given.no_worker:
            opened.enter_context(_worker())
        if certificate is not None and not is_exercise():
            opened.enter_context(_drill_consoles(given, entered.folder, certificate))
        _run(certificate, listening, until_eof=given.until_eof)
    say("codered: the console has ended")
    return ExitCode.CLEAN


def _check(given: Choices) -> Choices:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        advice = "install codered-detect[hq]; in a checkout: scripts/set-up-venv hq"
        raise WrongUse(f"the console is not installed here ({', '.join(missing)} missing)", advice=advice)
    if bool(given.certificate) != bool(given.key):
        raise WrongUse("need each other", where="--certificate and --key", advice="name both, or none")
    origin = names.check_origin(given.origin) if given.origin else ""
    if origin and (given.certificate or not names.is_loopback(given.host)):
        advice = "leave --host and --certificate away: the proxy has the certificate, and is on this machine"
        raise WrongUse("behind a proxy the console is plain HTTP, on this machine alone", where=origin, advice=advice)
    return given._replace(origin=origin, names=tuple(names.check_name(name) for name in given.names))


def _load_demo(folder: Path) -> None:
    from codered_hq.drills.demo import load_demo

    say("codered: demonstration: an outbreak of the laboratory, nothing of it is real. Playing it takes up to a minute")
    load_demo(folder)


def _find_certificate(given: Choices, entered: "Headquarters", known: list[str]) -> Certificate | None:
    if given.origin:
        return None
    if given.certificate:
        return read_certificate(Path(given.certificate), Path(given.key))
    return find_or_make_certificate(entered.folder, known, datetime.now(UTC))


def _tell_places(given: Choices, port: int, address: str, certificate: Certificate | None) -> None:
    from codered_hq.accounts.standing import find_weakness

    say(f"codered: the console: {address}/" + (f" (port {port} of this machine)" if given.origin else ""))
    if certificate is not None:
        made = "" if given.certificate else ", made by us: compare it with what the browser shows"
        say(f"codered: certificate until {certificate.ends:%Y-%m-%d}, SHA-256 {certificate.fingerprint}{made}")
    _tell_links(address, demo=given.demo)
    if weakness := find_weakness(datetime.now(UTC)):
        _tell(weakness)
    say(f"codered: worker: {'not run by us: see codered work' if given.no_worker else 'runs beside it'}")


def _tell_links(address: str, *, demo: bool) -> None:
    from codered_hq.accounts.inviting import make_first_invite
    from codered_hq.drills.demo_links import make_demo_links, tell_left
    from codered_hq.incidents.people import speak

    if demo:
        for link in make_demo_links(headquarters_folder(), datetime.now(UTC)):
            say(f"codered: be {link.name} ({link.role}), once: {address}{link.path}")
        say(f"codered: left to do: {tell_left()}")
    elif path := make_first_invite(speak("", ""), datetime.now(UTC)):
        say(f"codered: nobody has an account yet; the first one is made here, once: {address}{path}")


@contextmanager
def _worker() -> Iterator[None]:
    worker = Worker(_tell)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


@contextmanager
def _drill_consoles(given: Choices, folder: Path, certificate: Certificate) -> Iterator[None]:
    from codered_hq.serving.drill_consoles import DrillConsoles

    options = ["--host", given.host, "--certificate", str(certificate.certificate), "--key", str(certificate.key)]
    consoles = DrillConsoles(_tell, folder, [*options, *(f"--name={name}" for name in given.names)])
    consoles.start()
    os.environ["CODERED_CONSOLE_DRILLS"] = "served"
    try:
        yield
    finally:
        consoles.stop()


def _run(certificate: Certificate | None, listening: socket, *, until_eof: bool) -> None:
    from codered_hq.serving.lines import tell_lines
    from codered_hq.serving.server import make_server, run_server

    tell_lines(_tell)
    server = make_server(make_context(certificate) if certificate else None)
    if until_eof:
        threading.Thread(target=_wait_for_end, args=[server], daemon=True).start()
    run_server(server, listening)


def _wait_for_end(server: "ConsoleServer") -> None:
    """Standard input is a pipe of who started us: it ends with him."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.should_exit = True


def _tell(line: str) -> None:
    say(f"codered: {printable(line)}")
