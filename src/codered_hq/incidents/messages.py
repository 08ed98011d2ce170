"""Messages to an audience: written, approved word for word, sent or withdrawn."""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from codered.model.errors import AwaitingApproval, Refused, WrongUse
from codered_hq.config import headquarters_folder, read_config
from codered_hq.hosts.models import TEXT
from codered_hq.incidents.appointing import can_anybody_prove
from codered_hq.incidents.audiences import choose_tlp, find_audience, may_tell
from codered_hq.incidents.models import Incident, Message, Person
from codered_hq.incidents.outbox import queue_notice
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.roster import find_roles
from codered_hq.incidents.tasks import need_person
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.writing import enter
from codered_hq.model.notice import Notice

LONGEST_BODY = 100_000
OPEN = ("draft", "approved")
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control signs but tab and newline, and what turns the direction of a text: an approver would see other words."""


class OtherWords(Refused):
    """A message holds other words than those somebody wanted to approve."""


class Words(NamedTuple):
    """What is to be told to whom; `tlp` "" = as the audience is told. `replaces` is the number of an earlier message,
    0 = none.
    """

    audience: str
    subject: str
    body: str
    tlp: str = ""
    replaces: int = 0


def draft(incident: Incident, words: Words, speaker: Speaker, at: datetime) -> Message:
    """Write a message; who must approve it stands in `needs`. The same words by the same person, not sent yet, are one.
    Raises WrongUse, and Refused for a TLP that the audience may not be told.
    """
    subject, body = words.subject.strip(), words.body.replace("\r\n", "\n").strip()
    if not subject or len(subject) > TEXT or not subject.isprintable():
        raise WrongUse("is no subject", where="--subject", advice=f"one line of at most {TEXT} signs")
    if not body or len(body) > LONGEST_BODY:
        raise WrongUse(f"a message has 1 to {LONGEST_BODY:,} signs", where="--body", advice="write it, or name --file")
    if hidden := _HIDDEN.search(body):
        line = body.count("\n", 0, hidden.start()) + 1
        advice = "take it out: who approves must see what is sent"
        raise WrongUse(f"line {line} holds the control sign U+{ord(hidden[0]):04X}", where="--body", advice=advice)
    tlp, needs = choose_tlp(words.audience, words.tlp), list(find_audience(words.audience).needs)
    if needs and speaker.person is None and can_anybody_prove():
        advice = "say who you are, and prove it: --as NAME --key FILE"
        raise Refused("what others must approve is written by somebody known", where=words.audience, advice=advice)
    before = find_message(incident, words.replaces) if words.replaces else None

    def work() -> Message:
        same = incident.messages.filter(audience=words.audience, tlp=tlp, author=speaker.name, state__in=OPEN)
        if (known := same.filter(subject=subject, body=body, replaces=before).first()) is not None:
            return known
        made = Message.objects.create(
            incident=incident, audience=words.audience, subject=subject, body=body, tlp=tlp, needs=needs,
            state="draft" if needs else "approved", author=speaker.name, written_at=at, replaces=before,
        )  # fmt: skip
        if before is not None and before.state in OPEN:
            Message.objects.filter(pk=before.pk).update(state="withdrawn")
        _tell(made, speaker, f"message {made.pk} to {words.audience} written: {subject}", at)
        return made

    return write_whole(work)


def find_message(incident: Incident, number: int) -> Message:
    """A message of the incident by its number. Raises WrongUse."""
    found = incident.messages.filter(pk=number).first()
    if found is None:
        advice = "codered incident message list shows them"
        raise WrongUse("no such message", where=f"{incident.name} {number}", advice=advice)
    return found


def digest_words(message: Message) -> str:
    """SHA-256 of what is approved: audience, traffic light, subject and body, to the letter."""
    parts = (message.audience, message.tlp, message.subject, message.body)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def find_missing(message: Message) -> tuple[str, ...]:
    """The roles that have not approved these very words, while those who did are still in the team."""
    given = {role for role, *_rest in _find_valid(message)}
    return tuple(role for role in message.needs if role not in given)


def approve(message: Message, role: str, speaker: Speaker, at: datetime, seen: str = "") -> Message:
    """Approve these words in a role (of "": the first that is missing and that the speaker has). One person approves
    once, and the author is never the only one who did. `seen` is the digest of the words that the speaker saw ("" = of
    those that there are). Raises OtherWords, Refused, WrongUse.
    """
    person = need_person(speaker)

    def work() -> Message:
        fresh = Message.objects.select_for_update().select_related("incident").get(pk=message.pk)
        where = f"message {fresh.pk}"
        if fresh.state not in OPEN:
            raise Refused(f"it is {fresh.state}", where=where, advice="write a new one")
        if seen and seen != digest_words(fresh):
            raise OtherWords("holds other words than those you saw", where=where, advice="read it again")
        if any(name == person.name for _role, name in _find_valid(fresh)):
            return fresh
        chosen = _choose_role(fresh, role, person, at)
        fresh.approved = [*fresh.approved, [chosen, person.name, at.isoformat(), digest_words(fresh)]]
        missing = find_missing(fresh)
        if not missing and {name for _role, name in _find_valid(fresh)} == {fresh.author}:
            advice = "somebody else must approve it"
            raise Refused(f"{person.name} wrote it: nobody approves alone what he wrote", where=where, advice=advice)
        fresh.state = "draft" if missing else "approved"
        fresh.save(update_fields=["approved", "state"])
        _tell(fresh, speaker, f"message {fresh.pk} to {fresh.audience} approved by {person.name} as {chosen}", at)
        return fresh

    return write_whole(work)


def withdraw(message: Message, why: str, speaker: Speaker, at: datetime) -> None:
    """Never send it, or say that what was sent does not hold any more. Raises Refused, WrongUse without a reason."""
    if not why.strip():
        raise WrongUse("says nothing", where="--why", advice="say why")

    def work() -> None:
        if not Message.objects.filter(pk=message.pk).exclude(state="withdrawn").update(state="withdrawn"):
            raise Refused("it is withdrawn already", where=f"message {message.pk}")
        held = message.outgoing.filter(state="queued").update(state="given_up", error="withdrawn")
        what = f"message {message.pk} to {message.audience} withdrawn: {why.strip()}" + (
            f" ({held} held)" if held else ""
        )
        _tell(message, speaker, what, at)

    write_whole(work)


def send(message: Message, way: str, by_hand: str, speaker: Speaker, at: datetime) -> int:
    """Put it into the queue, for the audience's own way or a named one; or note how it was told `by_hand`. How many
    notices. Raises AwaitingApproval, Refused, WrongUse.
    """

    def work() -> int:
        fresh = Message.objects.select_for_update().select_related("incident").get(pk=message.pk)
        where = f"message {fresh.pk}"
        if fresh.state not in OPEN:
            raise Refused(f"it is {fresh.state}", where=where, advice="write a new one")
        if missing := find_missing(fresh):
            advice = f"codered incident message approve {fresh.pk}"
            raise AwaitingApproval(f"not approved yet by {' and '.join(missing)}", where=where, advice=advice)
        queued = 0 if by_hand else _queue(fresh, way, at)
        fresh.state, fresh.sent_at = "queued", at
        fresh.save(update_fields=["state", "sent_at"])
        how = f"by hand: {by_hand}" if by_hand else f"{queued} notices"
        _tell(fresh, speaker, f"message {fresh.pk} sent to {fresh.audience} ({how})", at)
        return queued

    return write_whole(work)


def _queue(message: Message, way: str, at: datetime) -> int:
    if message.tlp == "RED":
        advice = "tell it to each of them: --by-hand HOW notes that it was done"
        raise Refused("TLP:RED goes to no list and into no mail", where=f"message {message.pk}", advice=advice)
    drill = "DRILL: " if message.incident.drill else ""
    body = f"TLP:{message.tlp}\n\n{message.body}\n\nTLP:{message.tlp}\n"
    notice = Notice(to="", subject=(drill + message.subject)[:TEXT], body=body, tlp=message.tlp)  # type: ignore[arg-type]
    rows = [
        row
        for receiver in _choose_receivers(message, way)
        for row in queue_notice(receiver, notice, at, message.incident, message)
    ]
    if not any(row.state == "queued" for row in rows):
        advice = f'a [[notify]] in headquarters.toml with audiences = ["{message.audience}"], or --by-hand HOW'
        raise WrongUse(f"no way reaches {message.audience}", where=f"message {message.pk}", advice=advice)
    return len(rows)


def _choose_receivers(message: Message, said: str) -> list[str]:
    """A role of the team, or the ways whose readers are that audience. Raises Refused for a way with other readers."""
    audience, ways = message.audience, read_config(headquarters_folder()).notify
    role = find_audience(audience).role
    if not said:
        return [role] if role else [way.name for way in ways if may_tell(way, audience)]
    found = next((way for way in ways if way.name == said), None)
    if not (may_tell(found, audience) if found else role):
        advice = f'its audiences in headquarters.toml must name "{audience}"'
        raise Refused(f"this way is not for {audience}", where=f"--way {said[:40]}", advice=advice)
    return [said]


def _find_valid(message: Message) -> Iterator[tuple[str, str]]:
    """(role, person) of each approval of exactly these words, by somebody who is still in the team."""
    digest = digest_words(message)
    names = [name for _role, name, _at, seen in message.approved if seen == digest]
    active = set(Person.objects.filter(name__in=names, active=True).values_list("name", flat=True))
    for role, name, _at, seen in message.approved:
        if seen == digest and name in active:
            yield role, name


def _choose_role(message: Message, role: str, person: Person, at: datetime) -> str:
    missing, held = find_missing(message), find_roles(person, message.incident, at)
    fitting = [each for each in missing if each in held and role in ("", each)]
    if fitting:
        return fitting[0]
    where, needs = f"message {message.pk}", " and ".join(missing) or "nobody"
    raise Refused(f"still to approve it: {needs}; {person.name} is none of these", where=where)


def _tell(message: Message, speaker: Speaker, what: str, at: datetime) -> None:
    detail = {"message": message.pk, "audience": message.audience, "tlp": message.tlp, "sha256": digest_words(message)}
    enter("message", speaker.name, what, at, incident=message.incident.name, detail=detail)
