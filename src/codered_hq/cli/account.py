"""`codered account`: who may sign in to the console, and which programs may speak to it."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered_hq.cli.entering import HeadquartersGroup, prepare
from codered_hq.cli.speaking import speaker_options

CONSOLE = "codered_hq.console_settings"


@click.group("account", cls=HeadquartersGroup)
def command() -> None:
    """Accounts of the console in the browser, and the tokens and keys of programs.

    An account is made by a link that its owner opens once, within a day: he chooses the password and the second factor
    himself. Who is in the team is invited by an incident commander or an executive, anybody else by an administrator.
    """


@command.command("list")
@as_json_option
def list_accounts(**given: Any) -> int:
    """List the accounts, and the invitations that wait."""
    prepare(CONSOLE)
    from codered_hq.cli import account_working

    return account_working.list_accounts(given)


@command.command("invite")
@click.argument("name", metavar="NAME")
@click.option("--administrator", is_flag=True, help="May administer the console: accounts, tokens, keys.")
@speaker_options
@as_json_option
def invite(**given: Any) -> int:
    """Print the link for a person of the team, or for somebody else, who may only look."""
    prepare(CONSOLE)
    from codered_hq.cli import account_working

    return account_working.invite_somebody(given)


@command.command("disable")
@click.argument("name", metavar="NAME")
@speaker_options
@as_json_option
def disable(**given: Any) -> int:
    """Sign somebody out everywhere, for good; inviting him again gives the account back."""
    prepare(CONSOLE)
    from codered_hq.cli import account_working

    return account_working.disable_account(given)


@command.command("reset")
@click.argument("name", metavar="NAME")
@speaker_options
@as_json_option
def reset(**given: Any) -> int:
    """End somebody's password and second factors, and print the link by which he takes new ones."""
    prepare(CONSOLE)
    from codered_hq.cli import account_working

    return account_working.reset_account(given)


@command.group("token")
def token() -> None:
    """Tokens, which programs show to the API."""


@token.command("make")
@click.argument("name", metavar="NAME")
@click.option("--scope", "scopes", multiple=True, required=True, metavar="SCOPE", help="What it may do; repeat it.")
@click.option("--for", "lasts", default="90d", metavar="LENGTH", help="How long it lasts, in days.", show_default=True)
@speaker_options
@as_json_option
def make_token(**given: Any) -> int:
    """Make a token and print it: it is shown once. Scopes: ingest, hosts:read, findings:read, actions:read,
    actions:ask, status:read.
    """
    prepare(CONSOLE)
    from codered_hq.cli import account_programs

    return account_programs.make(given)


@token.command("list")
@as_json_option
def list_tokens(**given: Any) -> int:
    """List the tokens: what each may do, until when, when it was used last."""
    prepare(CONSOLE)
    from codered_hq.cli import account_programs

    return account_programs.list_tokens(given)


@token.command("revoke")
@click.argument("name", metavar="NAME")
@speaker_options
@as_json_option
def revoke_token(**given: Any) -> int:
    """From now on this token opens nothing."""
    prepare(CONSOLE)
    from codered_hq.cli import account_programs

    return account_programs.revoke(given)


@command.group("agent")
def agent() -> None:
    """Keys of agents, which sign what they post."""


@agent.command("add")
@click.argument("name", metavar="NAME")
@click.option("--public-key", required=True, metavar="FILE", help="The public half of its key (PEM, Ed25519).")
@click.option("--collector", is_flag=True, help="It may speak of other hosts than its own.")
@speaker_options
@as_json_option
def add_agent(**given: Any) -> int:
    """Enter the key of an agent: what it signs is taken from now on."""
    prepare(CONSOLE)
    from codered_hq.cli import account_programs

    return account_programs.add(given)


@agent.command("list")
@as_json_option
def list_agents(**given: Any) -> int:
    """List the agents."""
    prepare(CONSOLE)
    from codered_hq.cli import account_programs

    return account_programs.list_agents(given)


@agent.command("revoke")
@click.argument("name", metavar="NAME")
@speaker_options
@as_json_option
def revoke_agent(**given: Any) -> int:
    """From now on nothing that this agent signs is taken."""
    prepare(CONSOLE)
    from codered_hq.cli import account_programs

    return account_programs.revoke_key(given)
