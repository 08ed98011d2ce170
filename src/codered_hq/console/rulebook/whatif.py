"""What would the rules answer? The same as `codered rules explain`, for a machine thought of or for real ones."""

import re
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered_hq.console.acting import page
from codered_hq.console.crisis.forms import PlainForm
from codered_hq.console.rulebook.rules import need_rules
from codered_hq.console.speaking.filling import fill
from codered_hq.console.viewing import Viewer
from codered_hq.hosts.finding import find_host
from codered_hq.incidents.subjects import make_subjects
from codered_hq.model.action import ACTION_KINDS, Subject
from codered_hq.reporting.words import name_word
from codered_hq.rules.asking import Question, make_asked_request
from codered_hq.rules.book import RuleBook
from codered_hq.rules.explaining import Explanation, explain
from codered_hq.rules.vocabulary import read_vocabulary

MOST_HOSTS = 50
_PLACES = {"ACTION": "action", "--for": "lasting", "--at": "at", "--tag": "tags", "--state": "state"}
_SPLIT = re.compile(r"[,\s]+")


class QuestionForm(PlainForm):
    """What is asked."""

    action = forms.ChoiceField(choices=[(kind, name_word("kinds", kind)) for kind in ACTION_KINDS])
    hosts = forms.CharField(
        required=False, max_length=4_000, label="Hosts", help_text="Names or addresses; empty: a machine thought of"
    )
    tags = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, label="Its tags (thought of)")
    state = forms.ChoiceField(required=False, label="Its state (thought of)")
    criticality = forms.ChoiceField(required=False, label="Its criticality (thought of)")
    evidence_saved = forms.BooleanField(required=False, label="Its evidence is saved (thought of)")
    at = forms.CharField(
        required=False, max_length=40, label="When", help_text="Tue 10:00, or 2026-12-31 10:00; empty: now"
    )
    lasting = forms.CharField(
        required=False, max_length=20, label="For how long", help_text="30m, 4h, 2d; empty: as allowed"
    )
    drill = forms.BooleanField(required=False, label="It is a drill")

    def __init__(self, book: RuleBook, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        known = read_vocabulary()
        self._offer("tags", (*known.tags, *book.tags))
        self._offer("state", known.states)
        self._offer("criticality", known.criticalities)

    def _offer(self, name: str, words: tuple[str, ...]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(word, word.replace("_", " ")) for word in words]
        field.error_messages["invalid_choice"] = f"%(value)s is no {name.removesuffix('s')} that the rules know"


@page
def show_whatif(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The form, and the answer to it if something was asked. It is only looked: nothing is asked of the gate."""
    book = need_rules(viewer.at).book
    asked = "action" in request.GET
    first = {"state": "unknown", "criticality": "normal", "hosts": request.GET.get("hosts", "")}
    said = request.GET.copy()
    for name in ("state", "criticality"):
        said.setdefault(name, first[name])
    form = QuestionForm(book, said) if asked else QuestionForm(book, initial=first)
    context: dict[str, Any] = {"form": form, "book": book}
    status = 200
    if asked:
        found, _status = fill(form, lambda said: _explain(book, said, viewer), _PLACES)
        status = 200 if found else _status
        if found is not None:
            context |= {"explanation": found[0], "subjects": found[1], "asked": form.cleaned_data}
    return render(request, "console/rulebook/whatif.html", context, status=status)


def _explain(book: RuleBook, said: dict[str, Any], viewer: Viewer) -> tuple[Explanation, tuple[Subject, ...]]:
    names = [name for name in _SPLIT.split(said["hosts"]) if name][:MOST_HOSTS]
    subjects = make_subjects([find_host(name) for name in names]) if names else ()
    question = Question(
        action=said["action"], at=said["at"], lasting=said["lasting"], drill=said["drill"], tags=tuple(said["tags"]),
        state=said["state"] or "unknown", criticality=said["criticality"] or "normal",
        evidence_saved=said["evidence_saved"],
    )  # fmt: skip
    request = make_asked_request(book, question, subjects, viewer.at)
    return explain(book, request), request.subjects
