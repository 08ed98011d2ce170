"""Messages: these very words, by two people, and the author is never alone."""

from pathlib import Path

import pytest

from codered.model.errors import AwaitingApproval, Refused, WrongUse
from codered_hq.config import make_headquarters_folder
from codered_hq.incidents.messages import (
    OtherWords,
    Words,
    approve,
    digest_words,
    draft,
    find_message,
    find_missing,
    send,
    withdraw,
)
from codered_hq.incidents.models import Message, Outgoing
from codered_hq.incidents.outbox import EVERYBODY, queue_notice
from codered_hq.model.notice import Notice
from tests.fixtures.crisis_words import MAIL
from tests.fixtures.gate_crew import ASKER, NOW, declare, join, leave

pytestmark = pytest.mark.django_db
PRESS = Words("press", "A worm", "Our shop is closed.")


@pytest.fixture
def mail(headquarters: Path) -> None:
    text = MAIL.replace('name = "post"', 'name = "papers"\naudiences = ["press"]\nto = ["desk@x.example"]')
    (make_headquarters_folder() / "headquarters.toml").write_text(text)
    (headquarters / "headquarters.toml").chmod(0o600)


@pytest.mark.usefixtures("mail")
def test_the_press_is_told_what_two_people_approved_to_the_letter() -> None:
    incident, lea, con, both = declare("one"), join("lea", "legal"), join("con", "communications"), join("bo")
    message = draft(incident, PRESS, con, NOW)
    assert (message.needs, message.state, message.tlp) == (["legal", "communications"], "draft", "CLEAR")
    assert draft(incident, PRESS, con, NOW) == message  # said twice, it is one
    with pytest.raises(OtherWords, match="other words"):
        approve(message, "", lea, NOW, "0" * 64)
    with pytest.raises(AwaitingApproval, match="not approved yet by legal and communications"):
        send(message, "", "", con, NOW)
    for who, role in ((both, ""), (con, "legal"), (lea, "communications")):
        with pytest.raises(Refused, match="still to approve it"):
            approve(message, role, who, NOW)
    with pytest.raises(WrongUse, match="nobody of the team"):
        approve(message, "", ASKER, NOW)
    assert find_missing(approve(message, "", lea, NOW)) == ("communications",)
    assert find_missing(approve(message, "", lea, NOW)) == ("communications",)  # said twice, it is one
    done = approve(message, "communications", con, NOW)  # the author is one of two
    assert (done.state, find_missing(done)) == ("approved", ())
    Message.objects.filter(pk=message.pk).update(body="Our shop was never closed.")
    with pytest.raises(AwaitingApproval, match="legal and communications"):
        send(message, "", "", con, NOW)  # other words than were approved
    Message.objects.filter(pk=message.pk).update(body=PRESS.body)
    leave(lea)
    with pytest.raises(AwaitingApproval, match="by legal"):
        send(message, "", "", con, NOW)
    approve(message, "", join("liz", "legal"), NOW)
    assert send(message, "", "", con, NOW) == 1
    row = Outgoing.objects.get()
    assert (row.to, row.subject, row.body) == ("desk@x.example", "A worm", f"TLP:CLEAR\n\n{PRESS.body}\n\nTLP:CLEAR\n")
    for again in (lambda: send(message, "", "", con, NOW), lambda: approve(message, "", con, NOW)):
        with pytest.raises(Refused, match="it is queued"):
            again()
    withdraw(message, "it was wrong", con, NOW)
    row.refresh_from_db()
    assert (row.state, row.error) == ("given_up", "withdrawn")
    with pytest.raises(Refused, match="withdrawn already"):
        withdraw(message, "again", con, NOW)


def test_nobody_approves_alone_what_he_wrote() -> None:
    incident, con = declare("one"), join("con", "communications", "legal")
    staff = draft(incident, Words("staff", "x", "y"), con, NOW)
    with pytest.raises(Refused, match="nobody approves alone"):
        approve(staff, "", con, NOW)
    assert approve(staff, "", join("cy", "communications"), NOW).state == "approved"
    press = draft(incident, PRESS, join("ann"), NOW)
    approve(press, "", con, NOW)
    assert find_missing(approve(press, "", con, NOW)) == ("communications",)  # two hats, one person


def test_red_is_told_by_hand_and_drills_are_marked(headquarters: Path) -> None:
    incident = declare("one", drill=True)
    red = draft(incident, Words("executives", "x", "y", "RED"), ASKER, NOW)
    assert red.state == "approved"
    with pytest.raises(Refused, match="TLP:RED goes to no list"):
        send(red, "", "", ASKER, NOW)
    assert send(red, "", "told in the room", ASKER, NOW) == 0
    plain = draft(incident, Words("executives", "x", "y"), ASKER, NOW)
    with pytest.raises(WrongUse, match="no way reaches executives"):
        send(plain, "", "", ASKER, NOW)
    assert not Outgoing.objects.exists()  # nothing of what was refused is left
    (make_headquarters_folder() / "headquarters.toml").write_text(MAIL + 'to = ["all@x.example"]\n')
    (headquarters / "headquarters.toml").chmod(0o600)
    assert send(plain, "post", "", ASKER, NOW) == 1
    assert Outgoing.objects.get().subject == "DRILL: x"


@pytest.mark.usefixtures("mail")
def test_a_way_is_for_its_readers_alone() -> None:
    incident, lea = declare("one"), join("lea", "legal")
    inner = draft(incident, Words("executives", "x", "y\twith a tab\r\n"), lea, NOW)
    with pytest.raises(Refused, match="this way is not for executives"):
        send(inner, "papers", "", lea, NOW)  # nobody approved it, and the press reads there
    assert [row.state for row in queue_notice(EVERYBODY, Notice(to="", subject="x", body="y"), NOW)] == ["given_up"]
    partners = draft(incident, Words("partners", "x", "y"), join("ann"), NOW)
    approve(partners, "", lea, NOW)
    approve(partners, "", join("con", "communications"), NOW)
    for way in ("papers", "legal"):
        with pytest.raises(Refused, match="not for partners"):
            send(partners, way, "", lea, NOW)


def test_what_is_no_message() -> None:
    incident = declare("one")
    first = draft(incident, PRESS, ASKER, NOW)
    second = draft(incident, PRESS._replace(body="Other words.", replaces=first.pk), ASKER, NOW)
    assert find_message(incident, first.pk).state == "withdrawn"
    assert second.replaces == first
    assert digest_words(first) != digest_words(second)
    for bad in (
        PRESS._replace(subject=" "), PRESS._replace(subject="a\nBcc: x"), PRESS._replace(body=""),
        PRESS._replace(audience="world"), PRESS._replace(replaces=99), PRESS._replace(body="x" * 100_001),
        PRESS._replace(body="a\x1b[2J"), PRESS._replace(body="a\u202eb"), PRESS._replace(subject="a\u202eb"),
    ):  # fmt: skip
        with pytest.raises(WrongUse):
            draft(incident, bad, ASKER, NOW)
    with pytest.raises(WrongUse, match="says nothing"):
        withdraw(second, "", ASKER, NOW)
