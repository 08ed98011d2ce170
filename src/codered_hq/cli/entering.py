"""How each word of headquarters begins: its parts are there, Django knows the tables, folder and database are open."""

import importlib.util
import os
from typing import TYPE_CHECKING

from codered.cli.output import say
from codered.model.errors import WrongUse

if TYPE_CHECKING:
    from codered_hq.opening import Headquarters

NEEDED = ("django", "dns")


def prepare() -> None:
    """Make the tables known: whatever imports them can be imported after this. Raises WrongUse, also where the extra
    `hq` is not installed.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        advice = "install codered-detect[hq]; in a checkout: scripts/set-up-venv hq"
        raise WrongUse(f"headquarters is not installed here ({', '.join(missing)} missing)", advice=advice)
    import django
    from django.apps import apps

    os.environ["DJANGO_SETTINGS_MODULE"] = "codered_hq.settings"
    if not apps.ready:
        django.setup()


def enter_headquarters() -> "Headquarters":
    """The open headquarters. Raises WrongUse."""
    prepare()
    from codered_hq.opening import open_headquarters, tell_waits

    tell_waits(lambda line: say(f"codered: {line}"))
    return open_headquarters()
