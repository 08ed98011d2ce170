"""The rules in force as a card and as they were written, every version of them, and what each one changed."""

import difflib
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered.export.writing.escaping import legible
from codered.model.errors import CodeRedError, WrongUse
from codered_hq.console.acting import page
from codered_hq.console.costly import costly
from codered_hq.console.speaking.downloads import send_file
from codered_hq.console.viewing import Viewer
from codered_hq.gate.caps import measure_caps
from codered_hq.gate.models import RulesInForce
from codered_hq.gate.rule_versions import Version, list_versions, open_version
from codered_hq.gate.rules_in_force import InForce, find_rules
from codered_hq.rules.book import RuleBook, find_zone
from codered_hq.rules.card_pages import make_card_pdf
from codered_hq.rules.cards import make_card
from codered_hq.rules.comparing import compare_rules
from codered_hq.rules.matrix import SUPPOSED

MOST_LINES = 2_000  # of a difference
_SOON = timedelta(days=14)


@page
def show_rules(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The rules that hold now. Ones that can't be believed are said to be so, and the versions are listed all the
    same.
    """
    versions, problem, context = list_versions(), None, {}
    try:
        found = find_rules(viewer.at)
        context = _tell_in_force(found, versions, viewer.at) if found else {}
    except CodeRedError as error:
        problem = error
    return render(request, "console/rulebook/rules.html", {"versions": versions, "problem": problem, **context})


@page
def show_version(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """One version, and what it changed; `against` another than the one before it."""
    del viewer
    opened = open_version(number)
    other = _find_other(request, opened)
    context: dict[str, Any] = {"version": opened, "lines": _number_lines(opened.raw), "other": other}
    context["versions"] = list_versions()
    if other is not None:
        context |= {"difference": compare_rules(other.book, opened.book), "changed": _compare_lines(other, opened)}
    return render(request, "console/rulebook/version.html", context)


@page
@costly
def take_card(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The card as one A4 page. Raises WrongUse without rules in force, or where no PDF can be made."""
    del request
    book = need_rules(viewer.at).book
    return send_file(make_card_pdf(make_card(book)), "application/pdf", f"rules-{book.version}-card.pdf")


@page
def take_version(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """The file of a version, byte by byte as it was signed."""
    del request, viewer
    opened = open_version(number)
    return send_file(opened.raw, "application/octet-stream", f"rules-{opened.row.version}.yaml")


def need_rules(at: datetime) -> InForce:
    """The rules that hold. Raises WrongUse if there are none, Refused if they can't be believed."""
    found = find_rules(at)
    if found is None:
        raise WrongUse("no rules are in force", advice="codered rules sign FILE, then codered rules use FILE.signed")
    return found


def find_review_end(book: RuleBook) -> datetime:
    """The moment after which only looking is allowed: the end of the review day, where the rules live."""
    return datetime.combine(book.review_by + timedelta(days=1), time(), find_zone(book.timezone)).astimezone(UTC)


def _tell_in_force(found: InForce, versions: list[RulesInForce], at: datetime) -> dict[str, Any]:
    row = next(each for each in versions if each.digest == found.digest)
    review = find_review_end(found.book)
    return {
        "book": found.book, "row": row, "card": make_card(found.book), "supposed": SUPPOSED,
        "caps": measure_caps(found.book, at), "review": review, "past": review <= at, "soon": review - at < _SOON,
        "lines": _number_lines(open_version(row.pk).raw),
    }  # fmt: skip


def _number_lines(raw: bytes) -> list[tuple[int, str]]:
    return [(number, legible(line)) for number, line in enumerate(raw.decode(errors="replace").splitlines(), 1)]


def _find_other(request: HttpRequest, opened: Version) -> Version | None:
    """The version to compare with: the one that is asked for, else the one before it."""
    against = request.GET.get("against", "")
    if against.isdecimal() and len(against) < 12:
        return open_version(int(against))
    before = RulesInForce.objects.filter(pk__lt=opened.row.pk).order_by("-pk").values_list("pk", flat=True).first()
    return open_version(before) if before is not None else None


def _compare_lines(old: Version, new: Version) -> list[tuple[str, str]]:
    """What differs in the text: (kind, line), kind being added, removed, place or "" for what is around it."""
    before, after = (each.raw.decode(errors="replace").splitlines() for each in (old, new))
    kinds = {"+": "added", "-": "removed", "@": "place"}
    found = list(difflib.unified_diff(before, after, n=2, lineterm=""))[2:]
    return [(kinds.get(line[:1], ""), legible(line[1:] if line[:1] in "+- " else line)) for line in found[:MOST_LINES]]
