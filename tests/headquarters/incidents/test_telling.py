"""A notice to one person goes by mail, or a human is told to call."""

from pathlib import Path

import pytest

from codered_hq.config import make_headquarters_folder
from codered_hq.incidents.models import Outgoing, Person
from codered_hq.incidents.telling import tell_person
from codered_hq.model.notice import Notice
from tests.fixtures.crisis_words import MAIL
from tests.fixtures.gate_crew import NOW

pytestmark = pytest.mark.django_db


def test_by_mail_where_there_is_one(headquarters: Path) -> None:
    ann = Person.objects.create(name="ann", mail="ann@x.example", phone="+1 2")
    notice = Notice(to="", subject="x", body="y")
    assert tell_person(ann, notice, NOW, None) == "call +1 2 by hand"
    (make_headquarters_folder() / "headquarters.toml").write_text(MAIL)
    (headquarters / "headquarters.toml").chmod(0o600)
    assert tell_person(ann, notice, NOW, None) == "mail ann@x.example"
    assert Outgoing.objects.get().to == "ann@x.example"
    red = Notice(to="", subject="x", body="y", tlp="RED")
    assert tell_person(ann, red, NOW, None) == "call +1 2 by hand"
    assert tell_person(Person(name="ben"), notice, NOW, None) == "no way to reach this person is known"
