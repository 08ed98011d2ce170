"""Who asks: a program by its bearer token, an agent by its signature."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.http import HttpRequest
from ninja.security import APIKeyHeader, HttpBearer

from codered_hq.accounts.models import AgentKey, Token
from codered_hq.accounts.numbers import MOST, find_agent
from codered_hq.accounts.scopes import check_token, digest_secret, find_tokens
from codered_hq.api.bodies import read_body
from codered_hq.api.errors import NotProved
from codered_hq.api.limits import AGENTS, TOKENS
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import Speaker
from codered_hq.model.posting import write_signed

APART = timedelta(minutes=5)
"""How far the clocks of an agent and of headquarters may be apart."""
_AGENTS = ("Agent", "Number", "Time", "Signature")  # headers
_MOST_DIGITS = 19
_SIGNATURE_DIGITS = 128


class Caller(NamedTuple):
    """Who asks: with a token, or an agent with the number of its post. `at` (aware): when."""

    name: str
    at: datetime
    token: Token | None = None
    agent: AgentKey | None = None
    number: int = 0

    def make_speaker(self) -> Speaker:
        """As whom a token asks: in its own name, and who made it counts as the one who asks; he can't approve it."""
        maker = self.token.person_id if self.token else None
        person = Person.objects.filter(pk=maker, active=True).first() if maker else None
        return Speaker(person, self.name, None, f"api: {self.name}")


class BearerToken(HttpBearer):
    """`Authorization: Bearer SECRET`, with this scope. The request's `auth` is a Caller."""

    def __init__(self, scope: str, *, or_agent: bool = False) -> None:
        super().__init__()
        self._scope, self._or_agent = scope, or_agent

    def __call__(self, request: HttpRequest) -> Caller | None:
        """None: an agent, whom another one proves. Raises NotProved, Refused, TooOften."""
        if self._or_agent and any(f"CodeRed-{each}" in request.headers for each in _AGENTS):
            return None
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret:
            raise NotProved("show a token", where=request.path, advice="send Authorization: Bearer crt_…")
        return self.authenticate(request, secret.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """Who has this token."""
        at = datetime.now(UTC)
        found = find_tokens(at).filter(digest=digest_secret(token)).first()
        if found is None:
            raise NotProved("this token is unknown, over or revoked", where=request.path, advice="have one made")
        TOKENS.take(f"token {found.pk}")
        return Caller(f"token {found.name}", at, token=check_token(token, self._scope, at))


class AgentSignature(APIKeyHeader):
    """An agent's five-line signature in `CodeRed-Signature`. The request's `auth` is a Caller."""

    param_name = "CodeRed-Signature"

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __call__(self, request: HttpRequest) -> Caller:
        """Raises NotProved, TooOften, TooLarge, WrongMedia."""
        return self.authenticate(request, request.headers.get(self.param_name))

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller:
        """Which agent signed it; nothing is said of why not but what its own clock must know."""
        at = datetime.now(UTC)
        name, number, time = (request.headers.get(f"CodeRed-{each}", "") for each in _AGENTS[:3])
        agent = find_agent(name[:255])
        if agent is None or not self._is_signed(request, agent, key or ""):
            advice = "sign the five lines of docs/api.md with the key that was entered for this agent"
            raise NotProved("no agent with a key in force signed this", where=ascii(name[:80])[1:-1], advice=advice)
        AGENTS.take(f"agent {agent.pk}")
        told = _read_time(time)
        if told is None or abs(told - at) > APART:
            what = f"its time is not within {APART.seconds // 60} minutes of ours, {at:%Y-%m-%dT%H:%M:%SZ}"
            raise NotProved(what, where=agent.name, advice="set the agent's clock right")
        if not (number.isascii() and number.isdecimal() and len(number) <= _MOST_DIGITS and 0 < int(number) <= MOST):
            raise NotProved("CodeRed-Number is no number from 1 on", where=agent.name, advice="count the posts")
        return Caller(agent.name, at, agent=agent, number=int(number))

    def _is_signed(self, request: HttpRequest, agent: AgentKey, key: str) -> bool:
        """Its body is read only for an agent that is known, with what may be a signature."""
        if len(key) != _SIGNATURE_DIGITS:
            return False
        name, number, time = (request.headers.get(f"CodeRed-{each}", "") for each in _AGENTS[:3])
        digest = hashlib.sha256(read_body(request, self._most)).hexdigest()
        return _is_signed(agent, write_signed(name, number, time, digest), key)


def _is_signed(agent: AgentKey, signed: bytes, signature: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(agent.public_key)).verify(bytes.fromhex(signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _read_time(text: str) -> datetime | None:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return told if told.tzinfo is not None else None
