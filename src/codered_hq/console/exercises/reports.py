"""After-action reports as files: in a drill's own headquarters, and in the real one once the drill ended."""

from pathlib import Path
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse

from codered.model.errors import WrongUse
from codered_hq.config import headquarters_folder
from codered_hq.console.acting import page
from codered_hq.console.costly import costly
from codered_hq.console.exercises.drill import find_drill
from codered_hq.console.viewing import Viewer
from codered_hq.drills.after_action import FORMS, render_kept
from codered_hq.drills.ranges import list_ranges

_KINDS: Final = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "text": "text/plain; charset=utf-8"}
_ENDINGS: Final = {"html": "html", "pdf": "pdf", "text": "txt"}


@page
@costly
def take_own(request: HttpRequest, viewer: Viewer, pk: int, form: str) -> HttpResponse:
    """That of the drill that was played here and ended last. Raises WrongUse."""
    del request, viewer
    drill = find_drill(pk)
    if drill.ended_at is None:
        raise WrongUse("the drill has not ended", where=drill.name, advice="end it first")
    return _send(headquarters_folder(), drill.name, form)


@page
@costly
def take_below(request: HttpRequest, viewer: Viewer, name: str, form: str) -> HttpResponse:
    """That of a drill that was started from here. Raises WrongUse."""
    del request, viewer
    found = next((each for each in list_ranges(headquarters_folder()) if each.name == name), None)
    if found is None:
        raise Http404("no such drill")
    return _send(found.folder, found.name, form)


def _send(folder: Path, name: str, form: str) -> HttpResponse:
    if form not in FORMS:
        raise Http404("no such form")
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-after-action.{_ENDINGS[form]}"',
        "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
    }  # fmt: skip
    return HttpResponse(render_kept(folder, form), content_type=_KINDS[form], headers=headers)
