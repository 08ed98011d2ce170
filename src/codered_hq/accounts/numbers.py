"""The numbers of agents' posts: each is taken once, and only upwards."""

from datetime import datetime

from codered_hq.accounts.models import AgentKey

MOST = (1 << 63) - 1


def find_agent(name: str) -> AgentKey | None:
    """The agent of this name whose key was not revoked."""
    return AgentKey.objects.filter(name=name, revoked_at=None).first()


def take_number(agent: AgentKey, number: int, at: datetime) -> bool:
    """Take the number of a post (1 to MOST) at this time (aware); False if it is not above the last one taken, or the
    key was revoked meanwhile. Call it within the transaction that stores the post.
    """
    free = AgentKey.objects.filter(pk=agent.pk, revoked_at=None, newest__lt=number)
    return bool(free.update(newest=number, last_used_at=at))


def find_newest(agent: AgentKey) -> int:
    """The highest number taken."""
    return AgentKey.objects.filter(pk=agent.pk).values_list("newest", flat=True).first() or 0
