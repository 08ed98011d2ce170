"""Who speaks, and what proves it; nobody is in the team twice."""

from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered.signing.keys import make_key
from codered_hq.incidents.models import Duty, Person
from codered_hq.incidents.people import (
    PersonCard,
    Speaker,
    add_person,
    find_account,
    find_person,
    remove_person,
    speak,
)
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.gate_crew import ASKER, HOUR, NOW

pytestmark = pytest.mark.django_db


def test_a_key_or_the_account_of_this_process_proves_who_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key(tmp_path / "erika")
    make_key(tmp_path / "other")
    monkeypatch.setenv("SUDO_USER", "erika")  # anybody can say so
    monkeypatch.setenv("LOGNAME", "erika")
    me, key, other = find_account(), str(tmp_path / "erika"), str(tmp_path / "other")
    assert speak("", "") == Speaker(None, me, None)
    erika = add_person(PersonCard("Erika", account="erika", public_key_file=f"{key}.pub"), NOW, ASKER)
    kim = add_person(PersonCard("Kim", account=me), NOW, ASKER)
    lou = add_person(PersonCard("Lou", phone="+49 30 1"), NOW, ASKER)
    assert (speak("", "").person, speak("", "").key) == (kim, None)
    assert speak("kim", "").person == kim
    for proved in (speak("Erika", key), speak("", key)):
        assert (proved.person, proved.name, proved.key is not None) == (erika, "Erika", True)
    for name, shown, why in (
        ("Erika", "", "speaks with a key, and none was shown"),
        ("Erika", other, "not the key that is known"),
        ("", other, "this key is nobody's"),
        ("Lou", "", f"can't be proved: you are {me}"),
    ):
        with pytest.raises(Refused, match=why):
            speak(name, shown)
    with pytest.raises(WrongUse, match="nobody is called so"):
        speak("Nobody", "")
    Path(key).chmod(0o644)
    with pytest.raises(WrongUse, match="others may read"):
        speak("Erika", key)
    remove_person("Kim", NOW, ASKER)
    assert speak("", "").person is None  # an account of somebody who left is nobody's
    with pytest.raises(Refused, match="not in the team any more"):
        speak("Kim", "")
    assert lou.public_key == ""


def test_nobody_is_in_the_team_twice(tmp_path: Path) -> None:
    make_key(tmp_path / "k")
    public = str(tmp_path / "k.pub")
    add_person(PersonCard("Erika", account="erika", public_key_file=public), NOW, ASKER)
    with pytest.raises(Refused, match="this account is Erika's already"):
        add_person(PersonCard("Erik", account="erika"), NOW, ASKER)
    with pytest.raises(Refused, match="this key is Erika's already"):
        add_person(PersonCard("Erik", public_key_file=public), NOW, ASKER)
    told = LedgerEntry.objects.count()
    again = add_person(PersonCard("erika", account="erika"), NOW, ASKER)
    assert (Person.objects.count(), again.public_key != "", LedgerEntry.objects.count()) == (1, True, told)
    add_person(PersonCard("Erika", mail="erika@example.org"), NOW, ASKER)
    Duty.objects.create(role="legal", person=again, since=NOW - HOUR)
    gone = remove_person("Erika", NOW, ASKER)
    assert (gone.active, Duty.objects.get().until) == (False, NOW)
    assert remove_person("Erika", NOW, ASKER).active is False
    add_person(PersonCard("Erik", account="erika"), NOW, ASKER)  # it is free again
    with pytest.raises(Refused, match="this account is Erik's already"):
        add_person(PersonCard("Erika"), NOW, ASKER)
    assert list(LedgerEntry.objects.filter(kind="roster").values_list("what", flat=True)) == [
        "Erika is in the team", "Erika: mail changed", "Erika left the team", "Erik is in the team",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "card",
    [
        PersonCard(""), PersonCard("a\nb"), PersonCard("-x"), PersonCard("x" * 81), PersonCard("\x1b[2J"),
        PersonCard("a", mail="a@b\r\nBcc: c@d"), PersonCard("a", mail="a"), PersonCard("a", phone="call me"),
        PersonCard("a", account="root; id"), PersonCard("a", account="x" * 70),
    ],
)  # fmt: skip
def test_what_is_said_of_people_is_checked(card: PersonCard) -> None:
    with pytest.raises(WrongUse):
        add_person(card, NOW, ASKER)
    assert not Person.objects.exists()
    with pytest.raises(WrongUse):
        find_person("x\ny")
