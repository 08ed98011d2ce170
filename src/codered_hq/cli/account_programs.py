"""What `codered account` does with tokens and agents' keys."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.db.models import QuerySet

from codered.cli.lengths import parse_length
from codered.cli.output import show
from codered.model.errors import ExitCode, WrongUse
from codered_hq.accounts.agents import add_agent, read_public_key, revoke_agent
from codered_hq.accounts.models import AgentKey, Token
from codered_hq.accounts.scopes import LONGEST_DAYS, make_token, revoke_token
from codered_hq.cli.account_working import CONSOLE, begin
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.incident_marks import answer, show_document
from codered_hq.cli.tables import draw_table, show_time

DAY = timedelta(days=1)
Row = TypeVar("Row", Token, AgentKey)
Columns = dict[str, Callable[[Row], str]]


def make(given: dict[str, Any]) -> int:
    """A token, printed once. Raises WrongUse, Refused."""
    speaker, now = begin(given)
    days = timedelta(seconds=parse_length(given["lasts"], "--for")) / DAY
    if days != int(days):
        raise WrongUse("a token lasts whole days", where="--for", advice=f"write 1d to {LONGEST_DAYS}d")
    token, secret = make_token(given["name"], given["scopes"], speaker, now, int(days))
    answer(given, {"name": token.name, "token": secret, "expires_at": token.expires_at}, secret)
    return ExitCode.CLEAN


def list_tokens(given: dict[str, Any]) -> int:
    """All tokens, the newest first."""
    enter_headquarters(CONSOLE)
    columns: Columns[Token] = {
        "token": lambda row: row.name,
        "may": lambda row: " ".join(row.scopes),
        "until (UTC)": lambda row: show_time(row.expires_at),
        "used (UTC)": lambda row: show_time(row.last_used_at),
        "revoked (UTC)": lambda row: show_time(row.revoked_at),
    }
    names = ("name", "scopes", "made_by", "made_at", "expires_at", "revoked_at", "last_used_at")
    return _list(given, "tokens", (Token.objects.order_by("-pk"), names), columns)


def revoke(given: dict[str, Any]) -> int:
    """It opens nothing any more. Raises WrongUse, Refused."""
    speaker, now = begin(given)
    token = revoke_token(given["name"], speaker, now)
    answer(given, {"name": token.name, "revoked_at": now}, f"{token.name}: revoked")
    return ExitCode.CLEAN


def add(given: dict[str, Any]) -> int:
    """An agent may post. Raises WrongUse, Refused."""
    speaker, now = begin(given)
    key = read_public_key(given["public_key"])
    agent = add_agent(given["name"], key, speaker, now, collector=given["collector"])
    document = {"name": agent.name, "public_key": agent.public_key, "collector": agent.collector}
    answer(given, document, f"{agent.name}: may post, signed with {agent.public_key}")
    return ExitCode.CLEAN


def list_agents(given: dict[str, Any]) -> int:
    """All agents, the newest first."""
    enter_headquarters(CONSOLE)
    columns: Columns[AgentKey] = {
        "agent": lambda row: row.name,
        "speaks of": lambda row: "others" if row.collector else "itself",
        "used (UTC)": lambda row: show_time(row.last_used_at),
        "revoked (UTC)": lambda row: "to decide" if row.is_to_decide else show_time(row.revoked_at),
        "public key": lambda row: row.public_key,
    }
    names = ("name", "public_key", "collector", "made_by", "made_at", "revoked_at", "last_used_at", "is_to_decide")
    rows = AgentKey.objects.select_related("account", "person").order_by("-pk")
    return _list(given, "agents", (rows, names), columns)


def revoke_key(given: dict[str, Any]) -> int:
    """Nothing of it is taken any more. Raises WrongUse, Refused."""
    speaker, now = begin(given)
    agent = revoke_agent(given["name"], speaker, now)
    answer(given, {"name": agent.name, "revoked_at": now}, f"{agent.name}: revoked")
    return ExitCode.CLEAN


def _list(given: dict[str, Any], word: str, said: tuple[QuerySet[Row], tuple[str, ...]], columns: Columns[Row]) -> int:
    """Rows as a document of these fields, or as a table of these columns."""
    rows, names = said
    if given["as_json"]:
        show_document({word: [{name: getattr(row, name) for name in names} for row in rows]})
    else:
        show(draw_table(tuple(columns), [tuple(draw(row) for draw in columns.values()) for row in rows]))
    return ExitCode.CLEAN
