"""Opening headquarters: its folder, its key, its database brought up to date. Every word of it begins here."""

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import django
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from codered.model.errors import WrongUse
from codered.signing.keys import load_or_make_key
from codered_hq.config import (
    Config,
    advise_folder,
    headquarters_folder,
    make_console_secret,
    make_headquarters_folder,
    read_config,
)

KEY_NAME = "headquarters.key"
PATIENT_SECONDS = 90.0  # a database that is away for a minute costs nothing
SILENT_SECONDS = 2.0  # that we wait before we say so
SECONDS_BETWEEN_LINES = 15.0
NO_USE_TO_WAIT = ("disk is full", "readonly database", "no space left", "read-only transaction")
_Result = TypeVar("_Result")
_tellers: list[Callable[[str], None]] = [lambda _line: None]
"""Who is told that the database is waited for: the last one."""


class Headquarters(NamedTuple):
    """An open headquarters."""

    folder: Path
    config: Config
    key: Ed25519PrivateKey


def open_headquarters(settings: str = "codered_hq.settings") -> Headquarters:
    """The headquarters of this user, made on first use; the console has settings of its own. Raises WrongUse if its
    database can't be used.
    """
    folder = make_headquarters_folder()
    config = read_config(folder)
    make_console_secret(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    if not apps.ready:
        django.setup()
    if _tell_lock not in (wrappers := connections[DEFAULT_DB_ALIAS].execute_wrappers):
        wrappers.append(_tell_lock)
    with _alone(folder):
        key = find_key()
        _make_private_database()
        _bring_up_to_date()
    return Headquarters(folder, config, key)


def find_key() -> Ed25519PrivateKey:
    """The key of this headquarters, for what is signed deep below a word. Raises WrongUse."""
    return _load_key(headquarters_folder() / "keys" / KEY_NAME)


@lru_cache(maxsize=4)
def _load_key(path: Path) -> Ed25519PrivateKey:
    return load_or_make_key(path)


def be_patient(
    work: Callable[[], _Result], seconds: float = PATIENT_SECONDS, tell: Callable[[str], None] | None = None
) -> _Result:
    """Do a piece of work on the database that may be done again as a whole, until it succeeds: for a database that is
    away for a moment. What is waited for is told (by default as `tell_waits` said). Raises WrongUse after this many
    seconds, and at once where waiting is of no use: a full disk. Within a transaction it is tried once: whoever began
    that one does it again as a whole.
    """
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return work()
    began, pause = time.monotonic(), 0.1
    told = began
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            now = time.monotonic()
            if now + pause > began + seconds or any(words in str(error).lower() for words in NO_USE_TO_WAIT):
                raise explain_database(error) from None
            if now - began >= SILENT_SECONDS and (told == began or now - told >= SECONDS_BETWEEN_LINES):
                told = now
                (tell or _tellers[-1])(f"waiting: the database does not answer ({_first_line(error)})")
            connections[DEFAULT_DB_ALIAS].close()
            time.sleep(pause)
            pause = min(pause * 2, 5.0)


def tell_waits(tell: Callable[[str], None]) -> None:
    """From now on, tell these lines to whoever waits for the database."""
    _tellers[:] = [tell]


def _tell_lock(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
    """SQLite waits in silence for its lock when a transaction begins: somebody should know what for."""
    if not sql.startswith("BEGIN"):
        return execute(sql, params, many, context)
    timer = threading.Timer(SILENT_SECONDS, lambda: _tellers[-1]("waiting: another writer holds the database"))
    timer.daemon = True
    timer.start()
    try:
        return execute(sql, params, many, context)
    finally:
        timer.cancel()


def _make_private_database() -> None:
    """A new SQLite file is for its owner, and so is what SQLite puts beside it: that gets the file's own mode."""
    settings = connections[DEFAULT_DB_ALIAS].settings_dict
    name = str(settings["NAME"])
    if not str(settings["ENGINE"]).endswith("sqlite3") or _is_in_memory(name) or os.path.lexists(name):
        return
    try:
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        advice = "name a file in a folder that you can write to"
        raise WrongUse(f"the database can't be made: {error.strerror}", where=name, advice=advice) from None


def _bring_up_to_date() -> None:
    """An older database is copied beside itself first; one of a newer version is left as it is. Raises WrongUse."""
    try:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        _refuse_newer(executor)
        targets = executor.loader.graph.leaf_nodes()
        if steps := executor.migration_plan(targets):
            if executor.loader.applied_migrations:
                _tellers[-1](f"bringing the database up to date, in {len(steps)} steps{_copy_database()}")
            executor.migrate(targets)
    except DatabaseError as error:
        raise explain_database(error) from None


def _refuse_newer(executor: MigrationExecutor) -> None:
    loader = executor.loader
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("codered_hq.")}
    known, applied = set(loader.disk_migrations), set(loader.applied_migrations)
    if unknown := sorted(step for step in applied - known if step[0] in ours):
        name = str(connections[DEFAULT_DB_ALIAS].settings_dict["NAME"])
        advice = "use that version, or put the copy back that it made before"
        raise WrongUse(f"a newer version has changed the database ({'.'.join(unknown[0])})", where=name, advice=advice)


def _copy_database() -> str:
    """Copies an SQLite database whole to a new file beside it, for its owner only; what to say of that, and of one on a
    server, which is not copied. Raises WrongUse if there is no room for it.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite":
        return "; it is NOT copied: the copies of a database on a server are your own (pg_dump, before an upgrade)"
    if _is_in_memory(name):
        return ""
    copy = Path(f"{name}.before-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    part = copy.with_name(copy.name + ".part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        with closing(sqlite3.connect(part)) as target:
            connection.connection.backup(target)
        part.replace(copy)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        what = f"it can't be copied before it is brought up to date: {_first_line(error)}"
        raise WrongUse(what, where=str(copy), advice="make room there") from None
    return f"; as it was: {copy}"


def _is_in_memory(name: str) -> bool:
    return name == ":memory:" or (name.startswith("file:") and "mode=memory" in name)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two first words at once: one makes key and tables, the other waits. Raises WrongUse."""
    place = folder / "opening.lock"
    try:
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        what = f"can't be written: {error.strerror}"
        raise WrongUse(what, where=str(place), advice=advise_folder(folder, error)) from None
    with open(descriptor, "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def explain_database(error: Exception) -> WrongUse:
    """What the user is told of a database that is away, full, broken, or not to be written."""
    name = str(connections[DEFAULT_DB_ALIAS].settings_dict["NAME"])
    advice = "see that it is there, not full, and that you may write to it"
    return WrongUse(f"the database can't be used: {_first_line(error)}", where=name, advice=advice)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
