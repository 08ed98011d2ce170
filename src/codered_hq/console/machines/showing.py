"""Pages that hold what machines and people wrote: nothing in them moves, hides or reorders other text."""

import re
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string

from codered.export.writing.escaping import printable

_ODD = re.compile(r"[^ -~\n\r\t]+")


def show(request: HttpRequest, name: str, context: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """The template `name` of this room as a page. Templates escape HTML; here every character that is not seen as
    itself (direction overrides, escape sequences, zero width) is shown as \\xNN or \\uNNNN.
    """
    return HttpResponse(make_visible(render_to_string(f"console/machines/{name}", context, request)), status=status)


def make_visible(text: str) -> str:
    """The text with every unseen character spelled out; line ends and tabs stay."""
    return _ODD.sub(lambda found: printable(found[0]), text)


def go_to(address: str) -> HttpResponse:
    """The browser is sent to a page of ours, after something was done."""
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
