"""Objects that a page makes by a tag, `<object runat=server id=x classid="clsid:…">`, as code that makes them."""

import re
from collections.abc import Iterator

from codered.detect.scripts.flows.tokens import Token

MOST_OBJECTS = 100
_OBJECT = re.compile(r"<object\b([^>]{0,500})>", re.IGNORECASE)
_ID = re.compile(r"\bid\s*=\s*[\"']?(\w{1,60})", re.IGNORECASE)
_CLASS = re.compile(r"\b(?:classid\s*=\s*[\"']?(clsid:[0-9a-f-]{36})|progid\s*=\s*[\"']?([\w.]{1,60}))", re.IGNORECASE)


def read_objects(text: str) -> Iterator[Token]:
    """Tokens that assign each such object to its name."""
    for number, match in enumerate(_OBJECT.finditer(text)):
        named, kind = _ID.search(match[1]), _CLASS.search(match[1])
        if number > MOST_OBJECTS or not named or not kind or "runat" not in match[1].lower():
            continue
        at = match.start()
        yield from (Token("name", named[1], at), Token("op", "=", at), Token("name", "createobject", at))
        yield from (Token("op", "(", at), Token("text", (kind[1] or kind[2]).lower(), at), Token("op", ")", at))
        yield Token("break", ":", at)
