"""What PHP's own functions give: the text if everything is known, else what can be said of it."""

import hashlib
import re
from collections.abc import Callable

from codered.detect.scripts.encoded import DECODERS
from codered.detect.scripts.php.lists import ONE_OF_LIST, WHOLE_LISTS, make_list, pick_item, split_text
from codered.detect.scripts.php.tables import TABLES
from codered.detect.scripts.php.values import (
    DECODED,
    EMPTY,
    HIDDEN,
    LEADING,
    MOST_TEXT,
    NOTHING,
    OWN_FILE,
    OWN_OBJECT,
    REQUEST,
    WORD,
    Value,
    gather,
    join,
    read_number,
)

_KEEPS = frozenset(["trim", "ltrim", "rtrim", "chop", "strtolower", "strtoupper", "stripslashes", "addslashes"])


def fold_call(name: str, arguments: list[Value]) -> Value:
    """What a function of PHP gives for these arguments. What it does besides is judged elsewhere."""
    if name in TABLES.harmless or name.startswith(("is_", "ctype_")):
        return _fold_harmless(name, arguments)
    flags = 0
    for argument in arguments:
        flags |= gather(argument)
    flags &= ~(OWN_FILE | OWN_OBJECT) if name != "realpath" else ~OWN_OBJECT
    if flags & WORD and name not in _KEEPS:  # a word can carry anything in another form
        flags |= REQUEST | LEADING
    if name in TABLES.unreadable:
        flags |= DECODED
    if name in ONE_OF_LIST:
        return pick_item(name, arguments)
    if name in WHOLE_LISTS and arguments:
        return make_list(name, arguments, flags)
    text = None
    folder = FOLDERS.get(name)
    texts = [argument.text for argument in arguments]
    if folder:
        try:
            text = folder(arguments, [text or "" for text in texts])
        except (ValueError, IndexError, OverflowError, TypeError):
            text = None
    if name in TABLES.pieces and (text is None or len(text) < 200):
        flags |= HIDDEN
    if (
        arguments
        and not arguments[0].holds(LEADING | WORD)
        and name not in ("str_replace", "sprintf", "join", "implode")
    ):
        flags &= ~LEADING
    return Value(flags, None if text is None else text[:MOST_TEXT], split_text(name, arguments))


def xor(left: Value, right: Value, sign: str) -> Value:
    """Two texts combined bit by bit."""
    flags = (left.flags | right.flags) | HIDDEN
    flags |= REQUEST | LEADING if flags & WORD else 0
    if left.text is None or right.text is None:
        return Value(flags)
    pairs = zip(left.text, right.text, strict=False)
    if sign == "^":
        return Value(flags, "".join(chr((ord(a) ^ ord(b)) & 255) for a, b in pairs))
    if sign == "&":
        return Value(flags, "".join(chr(ord(a) & ord(b) & 255) for a, b in pairs))
    longer = left.text if len(left.text) > len(right.text) else right.text
    mixed = "".join(chr((ord(a) | ord(b)) & 255) for a, b in pairs)
    return Value(flags, mixed + longer[len(mixed) :])


def increase(value: Value) -> Value:
    """A value after `++`: letters go on as PHP counts them."""
    text = value.text
    if text is None or len(text) > 40:
        return value
    if text.isdigit() and text.isascii():
        return Value(value.flags, str(int(text) + 1))
    letters = list(text)
    for place in range(len(letters) - 1, -1, -1):
        letter = letters[place]
        if letter not in "zZ9":
            letters[place] = chr(min(ord(letter) + 1, 255))
            break
        letters[place] = {"z": "a", "Z": "A", "9": "0"}[letter]
    return Value(value.flags | HIDDEN, "".join(letters))


def _need(value: Value) -> str:
    if value.text is None:
        raise ValueError
    return value.text


def _whole(value: Value) -> int:
    number = read_number(value.text)
    if number is None:
        raise ValueError
    return number


def _substr(values: list[Value], _texts: list[str]) -> str:
    text, start = _need(values[0]), _whole(values[1])
    start = max(0, len(text) + start) if start < 0 else start
    if len(values) < 3:
        return text[start:]
    length = _whole(values[2])
    return text[start : start + length] if length >= 0 else text[start:length]


def _replace(values: list[Value], _texts: list[str]) -> str:
    text = _need(values[2])
    olds = [item.text or "" for item in values[0].items.values()] if values[0].items else [_need(values[0])]
    news = [item.text or "" for item in values[1].items.values()] if values[1].items else [_need(values[1])]
    for number, old in enumerate(olds[:64]):
        new = news[number] if number < len(news) else ("" if values[1].items else news[0])
        if old and len(text) + text.count(old) * len(new) <= MOST_TEXT:
            text = text.replace(old, new)
    return text


def _translate(values: list[Value], _texts: list[str]) -> str:
    text = _need(values[0])
    if values[1].items is not None:
        pairs = {old: item.text or "" for old, item in values[1].items.items() if old}
        if not pairs:
            return text
        form = re.compile("|".join(re.escape(old) for old in sorted(pairs, key=len, reverse=True)))
        return form.sub(lambda found: pairs[found.group()], text)
    return text.translate({ord(old): new for old, new in zip(_need(values[1]), _need(values[2]), strict=False)})


def _join(values: list[Value], _texts: list[str]) -> str:
    first, *rest = values
    items, glue = (
        (first.items, rest[0].text if rest else "") if first.items is not None else (rest[0].items, first.text)
    )
    told = EMPTY
    for item in (items or {}).values():
        told = join(told, item if told.text == "" else join(Value(0, glue or ""), item))
    return _need(told)


def _format(values: list[Value], _texts: list[str]) -> str:
    rest = iter(values[1:])
    kinds = {"c": lambda value: chr(_whole(value) & 255), "x": lambda value: f"{_whole(value):x}"}

    def put(found: re.Match[str]) -> str:
        if found.group() == "%%":
            return "%"
        value = values[int(found.group(1))] if found.group(1) else next(rest, EMPTY)
        return kinds.get(found.group(2), _need)(value)

    return re.sub(r"%(?:(\d)\$)?[-+0 ]?\d{0,3}([csdxu%])", put, _need(values[0]))


def _pack(values: list[Value], _texts: list[str]) -> str:
    form = _need(values[0])
    if form[:1] in "Hh":
        text = _need(values[1])
        return (DECODERS["hex"](text + "0" * (len(text) % 2)) or "") if form[0] == "H" else ""
    if form[:1] in "Cc":
        return "".join(chr(_whole(value) & 255) for value in values[1:])
    if form[:1] in "Aa":
        return _need(values[1])
    raise ValueError


def _convert(values: list[Value], _texts: list[str]) -> str:
    number = int(_need(values[0]), _whole(values[1]))
    base, digits = _whole(values[2]), ""
    while number and len(digits) < 64 and 2 <= base <= 36:
        number, rest = divmod(number, base)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits


def _preg_replace(values: list[Value], _texts: list[str]) -> str:
    form = _need(values[0])
    inside = form[1:-1]
    if len(inside) > 12 or not re.fullmatch(r"[\w\s/_,.;#@!-]*", inside):
        raise ValueError
    return _need(values[2]).replace(inside, _need(values[1]))


def _repeat(values: list[Value], _texts: list[str]) -> str:
    text, times = _need(values[0]), max(0, _whole(values[1]))
    return text * min(times, MOST_TEXT // max(1, len(text)))


def _decode(name: str) -> Callable[[list[Value], list[str]], str]:
    def decode(values: list[Value], _texts: list[str]) -> str:
        told: str | None = _need(values[0])
        for step in TABLES.decode[name]:
            told = DECODERS[step](told or "")
        if told is None:
            raise ValueError
        return told

    return decode


FOLDERS: dict[str, Callable[[list[Value], list[str]], str]] = {
    **{name: _decode(name) for name in TABLES.decode},
    **dict.fromkeys(("substr", "mb_substr"), _substr),
    **dict.fromkeys(("str_replace", "str_ireplace"), _replace),
    **dict.fromkeys(("implode", "join"), _join),
    **dict.fromkeys(
        ("trim", "chop"), lambda values, _: _need(values[0]).strip((values[1].text or "") if values[1:] else None)
    ),
    "rtrim": lambda values, _: _need(values[0]).rstrip((values[1].text or "") if values[1:] else None),
    "ltrim": lambda values, _: _need(values[0]).lstrip((values[1].text or "") if values[1:] else None),
    "strtolower": lambda values, _: _need(values[0]).lower(),
    "strtoupper": lambda values, _: _need(values[0]).upper(),
    "ucfirst": lambda values, _: _need(values[0])[:1].upper() + _need(values[0])[1:],
    "lcfirst": lambda values, _: _need(values[0])[:1].lower() + _need(values[0])[1:],
    "chr": lambda values, _: chr(_whole(values[0]) & 255),
    "strtr": _translate,
    "sprintf": _format,
    "pack": _pack,
    "base_convert": _convert,
    "preg_replace": _preg_replace,
    "ereg_replace": lambda values, _: _replace(values, []),
    "str_repeat": _repeat,
    "dechex": lambda values, _: f"{_whole(values[0]):x}",
    "strval": lambda values, _: _need(values[0]),
    "stripslashes": lambda values, _: re.sub(r"\\(.)", r"\1", _need(values[0]), flags=re.DOTALL),
    "stripcslashes": lambda values, _: _need(values[0]),
    "html_entity_decode": lambda values, _: _need(values[0]),
    "get_class": lambda values, _: _need(values[0]),
    "constant": lambda values, _: _need(values[0]),
}


def _fold_harmless(name: str, arguments: list[Value]) -> Value:
    """Numbers and answers: nothing of a visitor's text is left in them."""
    text = arguments[0].text if arguments else None
    if text is None or len(text) > 4096:
        return NOTHING
    if name == "strlen":
        return Value(0, str(len(text)))
    if name == "ord":
        return Value(0, str(ord(text[0]) & 255 if text else 0))
    if name in ("md5", "sha1"):
        made = hashlib.new(name, text.encode("latin-1", "replace"), usedforsecurity=False)
        return Value(HIDDEN, made.hexdigest())
    if name in ("intval", "abs", "floor", "round", "ceil"):
        number = read_number(text)
        return Value(0, None if number is None else str(number))
    return NOTHING
