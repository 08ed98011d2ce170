"""The administrator's desk: how the server fares, and where everything else is."""

import platform
import shutil
from importlib.metadata import version
from typing import Any

import msgspec
from allauth.usersessions.models import UserSession
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered import __version__
from codered_hq.accounts.models import Account, AgentKey
from codered_hq.accounts.scopes import find_tokens
from codered_hq.accounts.standing import find_weakness
from codered_hq.beating import find_beat, is_alive
from codered_hq.config import headquarters_folder, read_config
from codered_hq.console.desk.administering import desk_page
from codered_hq.console.viewing import Viewer
from codered_hq.incidents.models import Outgoing
from codered_hq.ledger.models import LedgerEntry

SHOWN = ("name", "contact", "engine", "approval_minutes", "exercise")
NAMED = ("devices", "notify", "oidc")
PARTS = ("django", "django-allauth", "django-csp", "django-ninja", "fido2", "uvicorn", "whitenoise", "yara-x")
MEBIBYTE = 1 << 20


@desk_page
def show_desk(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Numbers with their lists, the worker, the database, versions, what headquarters.toml says."""
    beat = find_beat(headquarters_folder())
    found = {
        "accounts": Account.objects.filter(disabled_at=None).count(),
        "tokens": find_tokens(viewer.at).count(),
        "agents": AgentKey.objects.filter(revoked_at=None).count(),
        "queued": Outgoing.objects.filter(state="queued").count(),
        "given_up": Outgoing.objects.filter(state="given_up").count(),
        "beat": beat,
        "alive": is_alive(beat, viewer.at),
        "oldest": Outgoing.objects.filter(state="queued").order_by("queued_at").first(),
        "sessions": UserSession.objects.count(),
        "weakness": find_weakness(viewer.at),
        "entries": LedgerEntry.objects.count(),
        "database": describe_database(),
        "versions": find_versions(),
        "config": describe_config(),
    }
    return render(request, "console/desk/overview.html", found)


def describe_database() -> dict[str, str]:
    """Its kind and version, its name, how large it is, and how much room headquarters' folder has."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database()), current_setting('server_version')")
        else:
            cursor.execute(
                "SELECT page_count * page_size, sqlite_version() FROM pragma_page_count(), pragma_page_size()"
            )
        size, number = cursor.fetchone()
    free = shutil.disk_usage(headquarters_folder()).free
    return {
        "kind": f"{connection.vendor} {number}",
        "name": str(connection.settings_dict["NAME"]),
        "size": f"{int(size) / MEBIBYTE:,.1f} MiB",
        "room": f"{free / MEBIBYTE:,.0f} MiB",
    }


def find_versions() -> dict[str, str]:
    """What runs here."""
    parts = {name: version(name) for name in PARTS}
    return {"codered": __version__, **parts, "python": platform.python_version()}


def describe_config() -> dict[str, str]:
    """What headquarters.toml says, as words for people. Of what holds secrets, the names alone."""
    config: dict[str, Any] = msgspec.to_builtins(read_config(headquarters_folder()))
    told = {name: str(config[name]) or "not set" for name in SHOWN}
    for name in NAMED:
        told[name] = ", ".join(str(each["name"]) for each in config[name]) or "none"
    return told
