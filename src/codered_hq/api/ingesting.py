"""POST ingest/…: findings and sealed answers, acknowledged only when they are stored."""

import hashlib

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Router

from codered.model.job import Sealed
from codered_hq.accounts.numbers import take_number
from codered_hq.api.bodies import MOST_ANSWER_BYTES, MOST_FINDINGS_BYTES, read_body, read_json, show_json
from codered_hq.api.describing import describe, header
from codered_hq.api.grouping import Group
from codered_hq.api.limits import POSTED
from codered_hq.api.proving import AgentSignature, BearerToken, Caller
from codered_hq.api.reading import demand_known, get_caller
from codered_hq.config import headquarters_folder, read_config
from codered_hq.fleet.posted_answers import TakenAnswer, take_answer
from codered_hq.fleet.posts import Posted, Sender, Taken, find_refusal, take_posts
from codered_hq.model.posting import Post

_HEADERS = (
    header("CodeRed-Agent", "the agent's name", r"^[!-~]{1,255}$"),
    header("CodeRed-Number", "higher with each post", r"^[1-9][0-9]{0,17}$"),
    header("CodeRed-Time", "now, RFC 3339", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(Z|[+-][0-9]{2}:[0-9]{2})$"),
)
router = Router()
_posts: Group[Posted, Taken] = Group(take_posts)


def _count(request: HttpRequest, caller: Caller, most: int) -> None:
    """Raises TooOften, TooLarge, WrongMedia."""
    megabytes = read_config(headquarters_folder()).ingest_megabytes
    name = f"agent {caller.name}" if caller.agent else caller.name
    POSTED.take(name, len(read_body(request, most)), megabytes << 20, caller.at)


@router.post(
    "/findings",
    auth=[BearerToken("ingest", or_agent=True), AgentSignature(MOST_FINDINGS_BYTES)],
    **describe("post_findings", {200: Taken}, "400 409 413 415", body=Post, headers=_HEADERS),
)
def post_findings(request: HttpRequest) -> HttpResponse:
    """Reports of hosts, at most 1000 findings. A repeat is answered with `taken already`, and changes nothing."""
    demand_known(request, None)
    caller = get_caller(request)
    _count(request, caller, MOST_FINDINGS_BYTES)
    post = read_json(request, Post, MOST_FINDINGS_BYTES)
    digest = hashlib.sha256(read_body(request, MOST_FINDINGS_BYTES)).hexdigest()
    return show_json(_posts.bring(Posted(Sender(caller.name, caller.agent, caller.number), post, digest, caller.at)))


@router.post(
    "/answers",
    auth=[BearerToken("ingest", or_agent=True), AgentSignature(MOST_ANSWER_BYTES)],
    **describe("post_answer", {200: TakenAnswer}, "400 409 413 415", headers=_HEADERS, body=Sealed),
)
def post_answer(request: HttpRequest) -> HttpResponse:
    """A sealed answer of `codered answer`, as the host wrote it."""
    demand_known(request, None)
    caller = get_caller(request)
    _count(request, caller, MOST_ANSWER_BYTES)
    raw = read_body(request, MOST_ANSWER_BYTES)
    with transaction.atomic():
        taken = take_answer(raw, caller.at)
        agent, number = caller.agent, caller.number
        if agent is not None and taken.state == "taken" and not take_number(agent, number, caller.at):
            raise find_refusal(agent, number)
    return show_json(taken)
