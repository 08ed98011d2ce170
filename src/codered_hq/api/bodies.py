"""Bodies of requests: JSON, of a bounded size, read once."""

import threading
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse

from codered.model.errors import WrongUse
from codered_hq.api.errors import TooLarge, WrongMedia

MOST_FINDINGS_BYTES = 4 << 20
MOST_ANSWER_BYTES = 16 << 20
MOST_ASKED_BYTES = 64 << 10
_KEPT = "_codered_body"
_Kind = TypeVar("_Kind")
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
_lock = threading.Lock()


def read_body(request: HttpRequest, most: int) -> bytes:
    """The body, at most so many bytes. Raises TooLarge, and WrongMedia for what is not said to be JSON."""
    kept = getattr(request, _KEPT, None)
    if kept is not None:
        return bytes(kept)
    if (request.content_type or "").lower() != "application/json":
        what = f"a body of type {ascii(request.content_type or 'none')[1:-1][:60]} is not read"
        raise WrongMedia(what, advice="send Content-Type: application/json")
    body = request.read(most + 1)
    if len(body) > most:
        raise TooLarge(f"the body has more than {most} bytes", advice="send less at once")
    setattr(request, _KEPT, body)
    return body


def read_json(request: HttpRequest, kind: type[_Kind], most: int) -> _Kind:
    """The body as this noun. Raises WrongUse for one of another form, TooLarge and WrongMedia."""
    body = read_body(request, most)
    with _lock:
        decoder = _decoders.setdefault(kind, msgspec.json.Decoder(kind))
    try:
        found: _Kind = decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = f"can't be read: {ascii(str(error))[1:-1][:200]}"
        raise WrongUse(what, where="the body", advice="see /api/v1/openapi.json") from None
    return found


def show_json(document: object, status: int = 200) -> HttpResponse:
    """A noun as JSON."""
    return HttpResponse(msgspec.json.encode(document), status=status, content_type="application/json")
