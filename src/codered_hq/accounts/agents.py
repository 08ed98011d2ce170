"""Keys of agents: programs that sign what they post."""

from datetime import datetime
from pathlib import Path

from django.db import transaction

from codered.model.errors import Refused, WrongUse
from codered.signing.keys import load_public_key
from codered_hq.accounts.administrators import check_administrator, find_speakers_account
from codered_hq.accounts.auditing import note
from codered_hq.accounts.models import AgentKey
from codered_hq.accounts.scopes import check_name
from codered_hq.incidents.people import LONGEST_NAME, Speaker

KEY_DIGITS = 64


def read_public_key(file: str) -> str:
    """The public half (hexadecimal) in a PEM file. Raises WrongUse."""
    return load_public_key(Path(file)).hex()


def add_agent(name: str, public_key: str, by: Speaker, at: datetime, *, collector: bool = False) -> AgentKey:
    """An agent that may post from now on, of other hosts too if it is a collector; `public_key` is hexadecimal. Raises
    WrongUse; Refused unless an administrator asks, and for a name or a key that was entered already, also one that was
    revoked.
    """
    check_administrator(by, f"a key for {name[:LONGEST_NAME]}")
    said, key = check_name(name), public_key.strip().lower()
    if len(key) != KEY_DIGITS or not all(sign in "0123456789abcdef" for sign in key):
        raise WrongUse("is no Ed25519 key", where=said, advice=f"give the public half: {KEY_DIGITS} hexadecimal digits")
    with transaction.atomic():
        for known in AgentKey.objects.filter(name=said) | AgentKey.objects.filter(public_key=key):
            what = "this name" if known.name == said else "this key"
            raise Refused(f"{what} was entered already", where=known.name, advice="take a new key and another name")
        agent = AgentKey.objects.create(
            name=said, public_key=key, made_by=by.name, made_at=at, collector=collector,
            account=find_speakers_account(by), person=by.person,
        )  # fmt: skip
        note("agent-added", by.name, f"agent {said} may post, signed with {key[:16]}", at, agent=said, key=key)
    return agent


def revoke_agent(name: str, by: Speaker, at: datetime) -> AgentKey:
    """Nothing that this agent signs is taken from now on. Raises WrongUse if none in use has this name, Refused."""
    check_administrator(by, f"agent {name[:LONGEST_NAME]}")
    with transaction.atomic():
        agent = AgentKey.objects.filter(name=name.strip(), revoked_at=None).first()
        if agent is None:
            raise WrongUse(
                "no agent in use has this name", where=name[:LONGEST_NAME], advice="codered account agent list"
            )
        agent.revoked_at = at
        agent.save(update_fields=["revoked_at"])
        note("agent-revoked", by.name, f"the key of agent {agent.name} was revoked", at, agent=agent.name)
    return agent
