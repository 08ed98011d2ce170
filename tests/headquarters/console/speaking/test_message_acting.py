"""Messages are written, approved, sent and withdrawn from the console."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.incidents.models import Duty, Incident, Message, Outgoing, Rumour
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.console_desk import make_viewer_client, sign_in
from tests.fixtures.spoken import declare_now, make_way

pytestmark = pytest.mark.django_db
WORDS = {"audience": "press", "tlp": "", "subject": "A worm", "body": "Our shop is closed."}


@pytest.fixture
def incident() -> Incident:
    return declare_now()


def _write(desk: Client, **said: str) -> Message:
    answer = desk.post(reverse("message-new"), WORDS | said)
    assert answer.status_code == 303, answer.content.decode()
    return Message.objects.order_by("-pk")[0]


def _read_seen(desk: Client, message: Message) -> str:
    seen: str = desk.get(reverse("message", args=[message.pk])).context["seen"]
    return seen


@pytest.mark.usefixtures("incident")
def test_from_the_draft_to_the_queue(headquarters: Path) -> None:
    make_way(headquarters)
    con, lea = make_viewer_client("Con", "communications"), make_viewer_client("Lea", "legal")
    message = _write(con)
    assert _write(con) == message  # a double click writes one
    early = con.post(reverse("message-send", args=[message.pk]), {"seen": _read_seen(con, message), "way": ""})
    assert (early.status_code, "not approved yet by legal and communications" in early.content.decode()) == (409, True)
    for desk, role in ((lea, "legal"), (con, "communications")):
        said = {"seen": _read_seen(desk, message), "role": role}
        first = desk.post(reverse("message-approve", args=[message.pk]), said, follow=True)
        assert "approved;" in first.content.decode()
        again = desk.post(reverse("message-approve", args=[message.pk]), said, follow=True)
        assert "you approved" in again.content.decode()
    message.refresh_from_db()
    assert (message.state, [row[:2] for row in message.approved]) == (
        "approved", [["legal", "Lea"], ["communications", "Con"]],
    )  # fmt: skip
    seen = _read_seen(con, message)
    sent = con.post(reverse("message-send", args=[message.pk]), {"seen": seen, "way": "papers"}, follow=True)
    assert "1 notices in the queue" in sent.content.decode()
    assert con.post(reverse("message-send", args=[message.pk]), {"seen": seen, "way": "papers"}).status_code == 409
    assert Outgoing.objects.count() == 1
    assert LedgerEntry.objects.filter(kind="message").count() == 4


@pytest.mark.usefixtures("incident")
def test_other_words_than_were_seen_are_not_approved() -> None:
    con, lea = make_viewer_client("Con", "communications"), make_viewer_client("Lea", "legal")
    message = _write(con)
    seen = _read_seen(lea, message)
    Message.objects.update(body="Our shop was never closed.")
    answer = lea.post(reverse("message-approve", args=[message.pk]), {"seen": seen, "role": "legal"})
    assert answer.status_code == 409
    assert "somebody changed it since you saw it" in answer.content.decode()
    assert "never closed" in answer.content.decode()
    assert Message.objects.get().approved == []


@pytest.mark.usefixtures("incident")
def test_who_may_not_is_told_so() -> None:
    con, bo, looker = make_viewer_client("Con", "communications"), make_viewer_client("Bo"), sign_in(Client(), None)
    message = _write(con)
    said = {"seen": _read_seen(bo, message), "role": "legal"}
    refused = bo.post(reverse("message-approve", args=[message.pk]), said)
    assert refused.status_code == 403
    assert "still to approve it: legal and communications" in refused.content.decode()
    assert looker.post(reverse("message-new"), WORDS).status_code == 403
    assert looker.get(reverse("message-approve", args=[message.pk])).status_code == 405
    Duty.objects.filter(person__name="Con").update(until=datetime.now(UTC))  # the session is as it was
    gone = con.post(reverse("message-approve", args=[message.pk]), {"seen": said["seen"], "role": "communications"})
    assert gone.status_code == 403
    assert Client().post(reverse("message-new"), WORDS).status_code == 302


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(incident: Incident) -> None:
    con = make_viewer_client("Con", "communications")
    secret = con.post(reverse("message-new"), WORDS | {"tlp": "RED"})
    assert secret.status_code == 403
    assert "press may not be told what is TLP:RED" in secret.content.decode()
    assert "Our shop is closed." in secret.content.decode()
    empty = con.post(reverse("message-new"), WORDS | {"subject": ""})
    assert empty.status_code == 400
    assert 'id="id_subject_error"' in empty.content.decode()
    hidden = con.post(reverse("message-new"), WORDS | {"body": "x\u202ey"})
    assert "control sign U+202E" in hidden.content.decode()
    assert not Message.objects.exists()
    Incident.objects.filter(pk=incident.pk).update(closed_at=datetime.now(UTC))
    assert con.post(f"{reverse('message-new')}?incident=w", WORDS).status_code == 400


def test_it_is_withdrawn_with_a_reason_and_written_anew(incident: Incident) -> None:
    con = make_viewer_client("Con", "communications")
    message = _write(con)
    address = reverse("message-withdraw", args=[message.pk])
    silent = con.post(address, {"seen": _read_seen(con, message), "why": " "})
    assert silent.status_code == 400
    assert 'id="why_why_error"' in silent.content.decode()
    anew = con.get(reverse("message-new"), {"replaces": message.pk}).content.decode()
    assert "Our shop is closed." in anew
    newer = _write(con, body="Our shop is open.", replaces=str(message.pk))
    message.refresh_from_db()
    assert (message.state, newer.replaces) == ("withdrawn", message)
    assert con.post(address, {"seen": "", "why": "x"}).status_code == 409
    gone = con.post(
        reverse("message-withdraw", args=[newer.pk]), {"seen": _read_seen(con, newer), "why": "not true"}, follow=True
    )
    assert "withdrawn" in gone.content.decode()
    rumour = Rumour.objects.create(
        incident=incident, heard="h", at=datetime.now(UTC), state="false", answer="It is safe."
    )
    assert "It is safe." in con.get(reverse("message-new"), {"rumour": rumour.pk}).content.decode()


@pytest.mark.usefixtures("incident")
def test_red_is_told_by_hand() -> None:
    con = make_viewer_client("Con", "communications")
    message = _write(con, audience="crisis_team", tlp="RED")
    by_mail = con.post(reverse("message-send", args=[message.pk]), {"seen": _read_seen(con, message)})
    assert (by_mail.status_code, "TLP:RED goes to no list" in by_mail.content.decode()) == (403, True)
    told = {"seen": _read_seen(con, message), "by_hand": "read out in the hall"}
    answer = con.post(reverse("message-send", args=[message.pk]), told, follow=True)
    assert "noted as told by hand" in answer.content.decode()
