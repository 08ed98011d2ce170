"""A request sign as a pattern over what a log line says: the address alone, or the whole line as it stands there."""

from codered.export.indicators.patterns import Spelling, parse_pattern, spell_pattern
from codered.export.indicators.requests import split_method
from codered.model.indicators import LogIndicator

_ADDRESS = Spelling(path="^", encoded=True)
# A line of Apache or nginx quotes the request; one of IIS has method, path and query as words of their own.
_LINE = Spelling(
    start='(^|["\\s])',
    path='(^|["\\s])[a-z]{1,20} ',
    end='(( HTTP/[0-9.]{1,8})?"| - | [0-9])',
    dot='[^"]',
    question="[? ]",
    encoded=True,
)
_QUOTED = Spelling(start='"', end='"', dot='[^"]', encoded=True)
_MESSAGE = Spelling(start="", end='("|,|$)', encoded=True)
_ERROR_LINE = r"^(\[|[0-9]{4}/[0-9]{2}/[0-9]{2} ).*"  # as error logs begin, and access logs do not
_BEHIND = {"agent": "", "referer": ' "[^"]*"'}  # the quoted words behind it


def spell_address(sign: LogIndicator) -> tuple[str, str]:
    """The pattern of the method ("" = any) and that of `path?query`. Raises ValueError for what can't be split."""
    method, rest = split_method(sign.pattern)
    return spell_pattern((method,), _ADDRESS) if method else "", spell_pattern(rest, _ADDRESS)


def spell_line(sign: LogIndicator) -> str:
    """The pattern over a whole line of a web log. Raises ValueError for a pattern that can't be read."""
    branches = parse_pattern(sign.pattern)
    if sign.part == "error":
        return f"{_ERROR_LINE}({spell_pattern(branches, _MESSAGE)})"
    if sign.part == "request":
        return spell_pattern(branches, _LINE)
    whole = "|".join(
        f"{'' if branch[:1] and branch[0].source == '^' else _anything()}{spell_pattern((branch,), _QUOTED)}"
        f"{'' if branch[-1:] and branch[-1].source == '$' else _rest()}"
        for branch in branches
    )
    return f"({whole}){_BEHIND[sign.part]}\\s*$"


def _anything() -> str:
    return '"[^"]*'


def _rest() -> str:
    return '[^"]*"'
