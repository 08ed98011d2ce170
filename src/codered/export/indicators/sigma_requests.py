"""A request sign as a Sigma search: path and query are fields of their own there."""

from codered.export.indicators.patterns import Branch, Spelling, parse_pattern, spell_pattern
from codered.export.indicators.requests import Halves, split_method, split_query
from codered.export.indicators.sigma_detections import Detection, Search
from codered.model.indicators import LogIndicator

_ENCODED = Spelling(encoded=True)
_FIELDS = {"agent": "cs-user-agent", "referer": "cs-referer"}
_DOUBT = "A vulnerability scanner, or a search for these words"


def detect_request(sign: LogIndicator) -> Detection:
    """Raises ValueError, in words for people, for a sign that the fields of a web server's log can't say."""
    if sign.part == "error":
        raise ValueError("it is looked for in the message of an error log, for which there is no field")
    if sign.part == "request":
        searches = _search_request(sign.pattern)
    else:
        pattern = spell_pattern(parse_pattern(sign.pattern), _ENCODED)
        searches = {"selection": {f"{_FIELDS[sign.part]}|re|i": pattern}, "condition": "selection"}
    notes = tuple(f"Answered {', '.join(answer.status)}: {answer.means}." for answer in sign.answers)
    return Detection("request", {"category": "webserver"}, searches, _DOUBT, notes=notes)


def _search_request(pattern: str) -> dict[str, object]:
    method, rest = split_method(pattern)
    ways = [_search_halves(method, halves) for halves in split_query(rest)]
    if not ways:
        raise ValueError("its pattern can't be split into path and query")
    if len(ways) == 1:
        return {"selection": ways[0], "condition": "selection"}
    named: dict[str, object] = {f"selection_{n}": way for n, way in enumerate(ways, 1)}
    return named | {"condition": "1 of selection_*"}


def _search_halves(method: Branch, halves: Halves) -> Search:
    fields: Search = {}
    if method:
        fields["cs-method|re|i"] = spell_pattern((method,), _ENCODED)
    if halves.path:
        fields["cs-uri-stem|re|i"] = spell_pattern((halves.path,), _ENCODED)
    if halves.query:
        fields["cs-uri-query|re|i"] = spell_pattern((halves.query,), _ENCODED)
    if halves.alone:
        fields["cs-uri-query"] = ["", "-", None]
    return fields
