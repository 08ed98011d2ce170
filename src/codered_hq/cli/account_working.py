"""What `codered account` does with accounts."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from codered.cli.output import show
from codered.model.errors import ExitCode
from codered_hq.accounts.inviting import LASTS, invite
from codered_hq.accounts.managing import disable, find_account, has_factor, reset
from codered_hq.accounts.models import Account, Invite
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.incident_marks import answer, show_document
from codered_hq.cli.speaking import find_speaker
from codered_hq.cli.tables import draw_table, show_time
from codered_hq.config import headquarters_folder
from codered_hq.incidents.models import Person
from codered_hq.serving.turns import find_address

if TYPE_CHECKING:
    from codered_hq.incidents.people import Speaker

CONSOLE = "codered_hq.console_settings"
FORMAT = "codered/accounts/1"
_HANDED = f"it opens once, within {LASTS.total_seconds() / 3600:.0f} hours"


def list_accounts(given: dict[str, Any]) -> int:
    """All accounts, and invitations that wait."""
    enter_headquarters(CONSOLE)
    now = datetime.now(UTC)
    rows = [_view(each) for each in Account.objects.select_related("user", "person").order_by("user__username")]
    waiting = Invite.objects.filter(used_at=None, expires_at__gt=now).select_related("person").order_by("pk")
    invites: list[dict[str, Any]] = [
        {"for": each.person.name if each.person else each.name, "by": each.made_by, "until": each.expires_at}
        for each in waiting
    ]
    if given["as_json"]:
        show_document({"format": FORMAT, "accounts": rows, "invitations": invites})
        return ExitCode.CLEAN
    titles = ("account", "person", "administers", "second factor", "made (UTC)", "state")
    show(draw_table(titles, [_make_row(row) for row in rows]))
    for each in invites:
        show(draw_table(("invited", "by", "until (UTC)"), [(each["for"], each["by"], show_time(each["until"]))]))
    return ExitCode.CLEAN


def invite_somebody(given: dict[str, Any]) -> int:
    """The path of a link. Raises WrongUse, Refused."""
    speaker, now = begin(given)
    name = given["name"]
    guest = Person.objects.filter(name__iexact=name, active=True).first() or name
    return _hand_over(given, invite(guest, given["administrator"], speaker, now))


def disable_account(given: dict[str, Any]) -> int:
    """Signed out for good. Raises WrongUse, Refused."""
    speaker, now = begin(given)
    account = find_account(given["name"])
    disable(account, speaker, now)
    answer(given, {"account": str(account), "state": "disabled"}, f"{account}: disabled and signed out")
    return ExitCode.CLEAN


def reset_account(given: dict[str, Any]) -> int:
    """New proofs by a new link. Raises WrongUse, Refused."""
    speaker, now = begin(given)
    return _hand_over(given, reset(find_account(given["name"]), speaker, now))


def begin(given: dict[str, Any]) -> tuple["Speaker", datetime]:
    """Headquarters is open: who speaks, and the time. Raises WrongUse, Refused."""
    enter_headquarters(CONSOLE)
    return find_speaker(given), datetime.now(UTC)


def _hand_over(given: dict[str, Any], path: str) -> int:
    address = find_address(headquarters_folder())
    lacks = "" if address else "; put the console's address before it: codered serve prints that (https://NAME:PORT)"
    link = address + path if address else ""
    answer(given, {"path": path, "link": link}, f"{link or path}  ({_HANDED}{lacks})")
    return ExitCode.CLEAN


def _view(account: Account) -> dict[str, Any]:
    return {
        "account": str(account),
        "person": account.person.name if account.person else "",
        "administrator": account.administrator,
        "second_factor": has_factor(account.user),
        "made_at": account.made_at,
        "state": "disabled" if account.disabled_at else "in use",
    }


def _make_row(row: dict[str, Any]) -> tuple[str, ...]:
    yes = {True: "yes", False: "no"}
    administers, factor = yes[row["administrator"]], yes[row["second_factor"]]
    return row["account"], row["person"], administers, factor, show_time(row["made_at"]), row["state"]
