"""What the forms of this room offer and take."""

from datetime import UTC, date, datetime

from codered_hq.console.speaking.forms import AnswerForm, ClosingForm, LessonForm, MessageForm, SendForm, end_day
from codered_hq.incidents.audiences import read_audiences


def test_a_message_tells_who_must_approve_before_it_is_written() -> None:
    form = MessageForm()
    assert [value for value, _text in form.fields["audience"].choices] == list(read_audiences())  # type: ignore[attr-defined]
    assert "press (approve: legal and communications; TLP:CLEAR at most)" in str(form)
    assert not MessageForm({"audience": "nobody", "subject": "x", "body": "y"}).is_valid()
    assert MessageForm({"audience": "press", "subject": "x", "body": "y"}).is_valid()


def test_only_ways_of_the_audience_can_be_chosen() -> None:
    assert SendForm({"way": "papers"}, ways=("papers",)).is_valid()
    assert not SendForm({"way": "chat"}, ways=("papers",)).is_valid()


def test_days_end_in_the_evening_and_an_empty_field_says_nothing() -> None:
    assert end_day(date(2026, 11, 25)) == datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC)
    assert end_day(None) is None
    form = LessonForm({"owner": "ann"})
    assert form.is_valid()
    assert (form.say().owner, form.say().due_at, form.say().proof) == ("ann", None, "")
    closing = ClosingForm({"proof": "config of sw1", "recheck": "2099-01-01"})
    assert closing.is_valid()
    assert closing.say().recheck_at == datetime(2099, 1, 1, 23, 59, 59, tzinfo=UTC)
    assert not AnswerForm({"answer": "so it is"}).is_valid()  # true or not must be said
