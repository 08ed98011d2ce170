"""How each word of headquarters begins: its parts are there, Django knows the tables, folder and database are open."""

import importlib.util
import os
import sys
from typing import TYPE_CHECKING

import rich_click as click

from codered.cli.output import say
from codered.export.writing.escaping import printable
from codered.model.errors import WrongUse

if TYPE_CHECKING:
    from codered_hq.opening import Headquarters

NEEDED = ("django", "dns")


def prepare(settings: str = "codered_hq.settings") -> None:
    """Make the tables known: whatever imports them can be imported after this. Raises WrongUse, also where the extra
    `hq` is not installed.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        advice = "install codered-detect[hq]; in a checkout: scripts/set-up-venv hq"
        raise WrongUse(f"headquarters is not installed here ({', '.join(missing)} missing)", advice=advice)
    import django
    from django.apps import apps

    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    if not apps.ready:
        django.setup()


def enter_headquarters(settings: str = "codered_hq.settings", *, named: bool = True) -> "Headquarters":
    """The open headquarters; words of the console have settings of their own. One that is made now is named, if
    `named`: it may be another than was meant. Raises WrongUse.
    """
    prepare(settings)
    from codered_hq.config import headquarters_folder
    from codered_hq.opening import KEY_NAME, open_headquarters, tell_waits

    tell_waits(lambda line: say(f"codered: {line}"))
    folder = headquarters_folder()
    known = os.path.lexists(folder / "keys" / KEY_NAME)
    opened = open_headquarters(settings)
    if named and not known:
        meant = "CODERED_HQ names it" if os.environ.get("CODERED_HQ") else "CODERED_HQ may name another"
        say(f"codered: a new headquarters was made: {printable(str(folder))} ({meant})")
    return opened


def find_settings() -> str:
    """Those of a word that also touches the console's accounts, where the console is installed."""
    installed = all(importlib.util.find_spec(name) for name in ("allauth", "csp"))
    return "codered_hq.console_settings" if installed else "codered_hq.settings"


class HeadquartersGroup(click.RichGroup):
    """A word of headquarters with words of its own. A database that fails in the middle is no bug, but one line."""

    def invoke(self, context: click.Context) -> object:
        """Run it. Raises WrongUse for a database that is away, full or broken."""
        try:
            return super().invoke(context)
        except _database_failures() as error:
            raise _explain(error) from None


class HeadquartersCommand(click.RichCommand):
    """A word of headquarters; the same holds for it."""

    def invoke(self, context: click.Context) -> object:
        """Run it. Raises WrongUse for a database that is away, full or broken."""
        try:
            return super().invoke(context)
        except _database_failures() as error:
            raise _explain(error) from None


def _database_failures() -> tuple[type[Exception], ...]:
    """Asked only when something failed: whoever never loaded Django can't have met its errors."""
    if "django.db" not in sys.modules:
        return ()
    from django.db import InterfaceError, OperationalError

    return InterfaceError, OperationalError


def _explain(error: Exception) -> WrongUse:
    from codered_hq.opening import explain_database

    return explain_database(error)
