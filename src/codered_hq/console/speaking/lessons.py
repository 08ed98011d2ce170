"""Lessons: an owner, a control, a day, its proof, and a day on which it is looked at again. They outlive the incident,
so one that is closed does not hinder them.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered.model.errors import WrongUse
from codered_hq.console.acting import action, page
from codered_hq.console.crisis.answering import check_seen, cut_page, mark, send_on
from codered_hq.console.speaking.filling import fill
from codered_hq.console.speaking.forms import AgainForm, ClosingForm, LessonForm, NewLessonForm, end_day
from codered_hq.console.viewing import Viewer
from codered_hq.incidents import lessons
from codered_hq.incidents.models import Lesson
from codered_hq.incidents.views import LessonView, view_lesson

SHOWN = ("late", "open", "closed")


@page
def show_lessons(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Those of the incident, and the overdue ones of all incidents above them."""
    return render(request, "console/speaking/lessons.html", _list_context(request, viewer))


@page
def show_lessons_part(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Their list alone."""
    return render(request, "console/speaking/lessons_part.html", _list_context(request, viewer))


@page
def show_new_lesson(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The form of a new one."""
    return _render_new(request, viewer, NewLessonForm())


@action
def add_lesson(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Write one down."""
    viewer.demand_team()
    form, incident = NewLessonForm(request.POST), viewer.incident
    if incident is None:
        raise WrongUse("no incident is chosen", advice="choose the one that it was learned in")

    def work(said: dict[str, Any]) -> Lesson:
        return lessons.add_lesson(incident, said["text"], form.say(), viewer.speaker, viewer.at)

    made, status = fill(form, work, {"TEXT": "text"})
    if made is None:
        return _render_new(request, viewer, form, status)
    return send_on(request, f"lesson {made.pk} written down", "lesson", made.pk)


@page
def show_lesson(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """One, with what can be done about it."""
    return _render_one(request, viewer, _find(number))


@action
def change_lesson(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Give it an owner, a day, a control."""
    found, form = _begin(request, viewer, number), LessonForm(request.POST, auto_id="change_%s")

    def work(_said: dict[str, Any]) -> Lesson:
        return lessons.change_lesson(found.incident, number, form.say(), viewer.speaker, viewer.at)

    done, status = fill(form, work, {})
    if done is None:
        return _render_one(request, viewer, found, status, change_form=form)
    return send_on(request, f"lesson {number} changed", "lesson", number)


@action
def close_lesson(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Close it, with its proof."""
    found, form = _begin(request, viewer, number), ClosingForm(request.POST, auto_id="close_%s")

    def work(_said: dict[str, Any]) -> Lesson:
        return lessons.close_lesson(found.incident, number, form.say(), viewer.speaker, viewer.at)

    done, status = fill(form, work, {})
    if done is None:
        return _render_one(request, viewer, _find(number), status, close_form=form)
    return send_on(request, f"lesson {number} closed; it is looked at again", "lesson", number)


@action
def look_again(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Say what was found when a closed one was looked at again."""
    found, form = _begin(request, viewer, number), AgainForm(request.POST, auto_id="again_%s")

    def work(given: dict[str, Any]) -> Lesson:
        said = lessons.Said(proof=given["proof"], recheck_at=end_day(given["recheck"]))
        return lessons.look_again(found, given["holds"], said, viewer.speaker, viewer.at)

    done, status = fill(form, work, {})
    if done is None:
        return _render_one(request, viewer, found, status, again_form=form)
    return send_on(request, f"lesson {number}: looked at again, it is {done.state}", "lesson", number)


def _begin(request: HttpRequest, viewer: Viewer, number: int) -> Lesson:
    viewer.demand_team()
    found = _find(number)
    check_seen(request, _mark(found), f"lesson {number}")
    return found


def _find(number: int) -> Lesson:
    found = Lesson.objects.select_related("incident").filter(pk=number).first()
    if found is None:
        raise WrongUse("no such lesson", where=f"{number}", advice="the list shows them")
    return found


def _mark(lesson: Lesson) -> str:
    return mark(lesson.state, lesson.owner, lesson.due_at, lesson.control, lesson.proof, lesson.recheck_at)


def _render_one(
    request: HttpRequest,
    viewer: Viewer,
    found: Lesson,
    status: HTTPStatus = HTTPStatus.OK,
    **forms: LessonForm | AgainForm,
) -> HttpResponse:
    context = {
        "lesson": found, "view": view_lesson(found, viewer.at), "seen": _mark(found),
        "change_form": _make_change(found),
        "close_form": ClosingForm(auto_id="close_%s", initial=_keep_readable(control=found.control, owner=found.owner)),
        "again_form": AgainForm(auto_id="again_%s"), **forms,
    }  # fmt: skip
    return render(request, "console/speaking/lesson.html", context, status=status)


def _make_change(found: Lesson) -> LessonForm:
    due = found.due_at.date() if found.due_at else None
    known = _keep_readable(owner=found.owner, control=found.control)
    return LessonForm(auto_id="change_%s", initial={**known, "due": due})


def _keep_readable(**texts: str) -> dict[str, str]:
    """What a form may begin with: a text with signs that nobody sees is not offered to be changed."""
    return {name: text for name, text in texts.items() if "".join(text.split()).isprintable()}


def _render_new(
    request: HttpRequest, viewer: Viewer, form: NewLessonForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = {"form": form, "writable": viewer.incident is not None}
    return render(request, "console/speaking/lesson_new.html", context, status=status)


def _list_context(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    shown = request.GET.get("shown", "")
    late = lessons.find_overdue(viewer.at)
    paged = cut_page(request, _choose(viewer, shown, late))
    return {
        "page": paged, "rows": _view(paged, viewer), "shown": shown, "choices": SHOWN,
        "late": [] if shown == "late" else _view(late[:50], viewer), "late_count": len(late),
        "query": request.GET.urlencode(),
    }  # fmt: skip


def _choose(viewer: Viewer, shown: str, late: list[Lesson]) -> "QuerySet[Lesson, Lesson]":
    rows = Lesson.objects.select_related("incident").order_by("-state", "due_at", "pk")  # open before closed
    if shown == "late":
        return rows.filter(pk__in=[each.pk for each in late])
    rows = rows.filter(Q(incident=viewer.incident)) if viewer.incident else rows
    return rows.filter(state=shown) if shown in SHOWN else rows


def _view(found: Iterable[Lesson], viewer: Viewer) -> list[tuple[Lesson, LessonView]]:
    return [(each, view_lesson(each, viewer.at)) for each in found]
