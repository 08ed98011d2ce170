"""The forms of messages, rumours and lessons. What the services check themselves is not checked here again."""

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms

from codered_hq.console.crisis.forms import PlainForm
from codered_hq.hosts.models import TEXT
from codered_hq.incidents import lessons, messages, rumours
from codered_hq.incidents.audiences import read_audiences
from codered_hq.model.crisis import TLPS


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class MessageForm(PlainForm):
    """What is to be told to whom."""

    audience = forms.ChoiceField(label="To")
    tlp = forms.ChoiceField(
        required=False, choices=[("", "as this audience is told"), *((each, f"TLP:{each}") for each in TLPS)],
        label="Traffic light",
    )  # fmt: skip
    subject = forms.CharField(max_length=TEXT, help_text="One line")
    body = forms.CharField(
        max_length=messages.LONGEST_BODY, widget=_area(12), label="Words",
        help_text="Approved and sent to the letter: what is known and done, what to do now, when more will be said",
    )  # fmt: skip
    replaces = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        field = self.fields["audience"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, _tell_audience(name)) for name in read_audiences()]


def _tell_audience(name: str) -> str:
    known = read_audiences()[name]
    told = " and ".join(known.needs) or "nobody must"
    return f"{name.replace('_', ' ')} (approve: {told}; TLP:{known.most} at most)"


class WhyForm(PlainForm):
    """Why a message does not hold any more."""

    why = forms.CharField(max_length=rumours.LONGEST_TEXT, label="Why", widget=_area(2))


class SendForm(PlainForm):
    """How a message goes out: by a way of headquarters.toml, or by hand."""

    way = forms.ChoiceField(required=False, label="By")
    by_hand = forms.CharField(
        required=False, max_length=TEXT, label="Or told by hand",
        help_text="How it was told, if no way of ours did it: called the desk, read out in the hall",
    )  # fmt: skip

    def __init__(self, *given: Any, ways: tuple[str, ...] = (), **named: Any) -> None:
        super().__init__(*given, **named)
        field = self.fields["way"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "every way of this audience"), *((way, way) for way in ways)]


class RumourForm(PlainForm):
    """What is said, and by whom."""

    heard = forms.CharField(max_length=rumours.LONGEST_HEARD, widget=_area(3), label="What is said")
    heard_from = forms.CharField(required=False, max_length=TEXT, label="Heard from", help_text="Empty: not known")


class AnswerForm(PlainForm):
    """What is true."""

    true = forms.TypedChoiceField(
        choices=[("yes", "It is true"), ("no", "It is not true")], coerce=lambda word: word == "yes", empty_value=None,
        widget=forms.RadioSelect, label="What was found",
    )  # fmt: skip
    answer = forms.CharField(
        max_length=rumours.LONGEST_TEXT,
        widget=_area(4),
        label="What is true",
        help_text="What people are told when they ask",
    )


class LessonForm(PlainForm):
    """What is said of a lesson; empty = as before."""

    owner = forms.CharField(required=False, max_length=TEXT, help_text="One person who sees to it")
    due = forms.DateField(required=False, label="Due", widget=forms.DateInput(attrs={"type": "date"}), help_text="UTC")
    control = forms.CharField(
        required=False, max_length=lessons.LONGEST_TEXT, widget=_area(3), label="Control that is changed",
        help_text="What is changed so that it does not happen again",
    )  # fmt: skip

    def say(self) -> lessons.Said:
        """What the service is told."""
        given = self.cleaned_data
        return lessons.Said(
            owner=given["owner"], due_at=end_day(given["due"]), control=given["control"],
            proof=given.get("proof", ""), recheck_at=end_day(given.get("recheck")),
        )  # fmt: skip


class NewLessonForm(LessonForm):
    """One that is written down."""

    text = forms.CharField(max_length=lessons.LONGEST_TEXT, widget=_area(4), label="What was learned")
    field_order = ("text", "owner", "due", "control")


class ClosingForm(LessonForm):
    """One that is closed: with its proof, and a day on which it is looked at again."""

    proof = forms.CharField(
        required=False, max_length=lessons.LONGEST_TEXT, widget=_area(3), label="Proof",
        help_text="What shows that the control is changed: a test, a configuration, a ticket",
    )  # fmt: skip
    recheck = forms.DateField(
        required=False, label="Look again on", widget=forms.DateInput(attrs={"type": "date"}), help_text="UTC"
    )
    field_order = ("owner", "due", "control", "proof", "recheck")


class AgainForm(PlainForm):
    """A closed lesson was looked at again."""

    holds = forms.TypedChoiceField(
        choices=[("yes", "The control still holds"), ("no", "It does not: the lesson is open again")],
        coerce=lambda word: word == "yes", empty_value=None, widget=forms.RadioSelect, label="What was found",
    )  # fmt: skip
    proof = forms.CharField(max_length=lessons.LONGEST_TEXT, widget=_area(3), label="What shows it")
    recheck = forms.DateField(
        required=False, label="Look again on", widget=forms.DateInput(attrs={"type": "date"}),
        help_text="UTC; needed if it still holds",
    )  # fmt: skip


def end_day(value: date | None) -> datetime | None:
    """The last second of a day (UTC): what is due on a day is not late on it."""
    return datetime.combine(value, time(23, 59, 59), UTC) if value else None
