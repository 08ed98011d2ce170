"""The forms of this room. What the services check themselves is not checked here again: lengths alone are."""

from typing import Any

from django import forms

from codered.packs.loading import choose_packs_folder, list_packs
from codered_hq.hosts.models import TEXT
from codered_hq.incidents.declaring import LONGEST_TEXT
from codered_hq.incidents.models import Incident, Person
from codered_hq.incidents.people import LONGEST_NAME
from codered_hq.incidents.tasks import LONGEST_TEXT as LONGEST_TASK
from codered_hq.incidents.templates import LONGEST_ACTION
from codered_hq.model.crisis import ROLES, SEVERITIES, STEPS, TLPS

Choices = list[tuple[str, str]]
REPORTS: Choices = [("900", "15 minutes"), ("1800", "30 minutes"), ("3600", "hour"), ("14400", "4 hours")]


def _pair(words: tuple[str, ...], first: str = "") -> Choices:
    pairs = [(word, word.replace("_", " ")) for word in words]
    return [("", first), *pairs] if first else pairs


class PlainForm(forms.Form):
    """Labels end without a colon; a required field says so in its label, not by colour."""

    use_required_attribute = True

    def __init__(self, *given: Any, **named: Any) -> None:
        named.setdefault("label_suffix", "")
        super().__init__(*given, **named)


class DeclareForm(PlainForm):
    """What is known at the first minute."""

    name = forms.CharField(max_length=64, label="Name", help_text="Short: letters, digits, . _ - (worm-2026)")
    title = forms.CharField(max_length=TEXT, label="Title", help_text="One sentence: what happens, and where")
    severity = forms.ChoiceField(choices=_pair(SEVERITIES), initial="high")
    tlp = forms.ChoiceField(choices=_pair(TLPS), initial="AMBER", label="TLP", help_text="Who may be told (TLP 2.0)")
    packs = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label="Threats", help_text="None: it is not known yet"
    )
    report_every = forms.ChoiceField(choices=REPORTS, initial="3600", label="A status report every")
    summary = forms.CharField(required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}))
    drill = forms.BooleanField(
        required=False, label="This is a drill", help_text="It stays one for good, and changes nothing real"
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        names = list_packs(choose_packs_folder()[0])
        field = self.fields["packs"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, name) for name in names]


class ChangeForm(PlainForm):
    """What is new about an incident."""

    severity = forms.ChoiceField(choices=_pair(SEVERITIES))
    tlp = forms.ChoiceField(choices=_pair(TLPS), label="TLP")
    title = forms.CharField(max_length=TEXT)
    summary = forms.CharField(required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}))
    report_every = forms.ChoiceField(choices=REPORTS, label="A status report every")

    @classmethod
    def of(cls, incident: Incident) -> "ChangeForm":
        """As it stands."""
        named = {name: getattr(incident, name) for name in ("severity", "tlp", "title", "summary")}
        form = cls(initial={**named, "report_every": str(incident.report_every_seconds)})
        form.offer(incident)
        return form

    def offer(self, incident: Incident) -> None:
        """The present rhythm of reports is one of the choices, whatever it is."""
        field, now = self.fields["report_every"], str(incident.report_every_seconds)
        assert isinstance(field, forms.ChoiceField)
        if now not in dict(REPORTS):
            field.choices = [(now, f"{incident.report_every_seconds // 60} minutes"), *REPORTS]


class ImpactForm(PlainForm):
    """What it costs one area of the business."""

    area = forms.CharField(max_length=40, help_text="Ordering, wages, a plant …")
    text = forms.CharField(required=False, max_length=2_000, label="What it costs", help_text="Empty: taken away")


class CloseForm(PlainForm):
    """Why what is open may stay so."""

    leave_open = forms.CharField(
        required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}),
        label="Why it is closed all the same", help_text="Entered in the ledger word for word",
    )  # fmt: skip


class PersonForm(PlainForm):
    """Somebody new in the team, or what is new about one."""

    name = forms.CharField(max_length=LONGEST_NAME)
    mail = forms.CharField(required=False, max_length=TEXT)
    phone = forms.CharField(required=False, max_length=40)


class _PeopleForm(PlainForm):
    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Person.objects.filter(active=True).order_by("name")


class AssignForm(_PeopleForm):
    """A role for somebody."""

    person = forms.ModelChoiceField(queryset=Person.objects.none())
    role = forms.ChoiceField(choices=_pair(ROLES))
    backup = forms.BooleanField(required=False, label="As the backup")
    standing = forms.BooleanField(required=False, label="Standing: in every incident")
    hours = forms.IntegerField(
        required=False, min_value=1, max_value=720, label="Nothing else for so many hours",
        help_text="Takes people off their work, if the rules in force allow it",
    )  # fmt: skip


class HandoverForm(_PeopleForm):
    """Who takes over."""

    person = forms.ModelChoiceField(queryset=Person.objects.none(), label="To")


class TaskForm(PlainForm):
    """A task added by hand."""

    text = forms.CharField(max_length=LONGEST_TASK, label="What is to be done")
    action = forms.CharField(max_length=LONGEST_ACTION, help_text="One word or two: patch, call, look at")
    target = forms.CharField(
        required=False, max_length=TEXT, help_text="The same action on the same target is one task"
    )
    role = forms.ChoiceField(required=False, choices=_pair(ROLES, "anybody"))
    step = forms.ChoiceField(required=False, choices=_pair(STEPS, "the present step"))
    priority = forms.IntegerField(min_value=1, max_value=9, initial=5, help_text="1 is first")
    minutes = forms.IntegerField(required=False, min_value=1, max_value=43_200, label="Due in minutes")
