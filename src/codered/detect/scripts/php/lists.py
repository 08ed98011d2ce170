"""What PHP's functions of lists give, as far as their items are known."""

from codered.detect.scripts.php.tables import TABLES
from codered.detect.scripts.php.values import HIDDEN, MOST_ITEMS, NOTHING, Value, read_number, spread

_HARMFUL = frozenset((*TABLES.code, *TABLES.command))

ONE_OF_LIST = frozenset(
    ("reset", "current", "pos", "end", "next", "array_pop", "array_shift", "key", "prev", "array_rand")
)
WHOLE_LISTS = frozenset(
    ("array_merge", "array_values", "array_keys", "array_flip", "array_unique", "array_slice", "each")
)


def pick_item(name: str, arguments: list[Value]) -> Value:
    """One item of a list."""
    if not arguments:
        return NOTHING
    items = arguments[0].items
    if not items:
        return Value(arguments[0].flags)
    keys = list(items)
    if name == "key":
        return Value(arguments[0].flags, keys[0])
    key = keys[-1] if name in ("end", "array_pop") else keys[1 if name == "next" and len(keys) > 1 else 0]
    return items[key]


def pick_any(value: Value) -> Value:
    """Any item of a list: the most harmful function, if names of functions are in it."""
    told = spread(value)
    for item in (value.items or {}).values():
        if (item.text or "").lower() in _HARMFUL:
            return Value(told.flags, item.text)
    return told


def make_list(name: str, arguments: list[Value], flags: int) -> Value:
    """A list made of others."""
    items = arguments[0].items
    if items is None:
        return Value(flags)
    if name == "array_keys":
        items = {str(number): Value(arguments[0].flags, key) for number, key in enumerate(items)}
    elif name == "array_flip":
        items = {item.text or str(n): Value(item.flags, key) for n, (key, item) in enumerate(items.items())}
    elif name == "array_values":
        items = {str(number): item for number, item in enumerate(items.values())}
    elif name == "array_merge":
        every = [item for argument in arguments for item in (argument.items or {}).values()][:MOST_ITEMS]
        items = {str(number): item for number, item in enumerate(every)}
    return Value(arguments[0].flags, None, items)


def split_text(name: str, arguments: list[Value]) -> dict[str, Value] | None:
    """The items of what splits a text, None if the function does not."""
    if name in ("explode", "preg_split", "split") and len(arguments) > 1:
        glue, text = arguments[0].text, arguments[1].text
        if glue and text is not None:
            glue = glue[1:-1] if name == "preg_split" else glue
            pieces = text.split(glue, MOST_ITEMS) if glue else list(text[:MOST_ITEMS])
            return {str(number): Value(arguments[1].flags, piece) for number, piece in enumerate(pieces)}
    if name == "str_split" and arguments and arguments[0].text is not None:
        step = max(1, read_number(arguments[1].text) or 1) if len(arguments) > 1 else 1
        text = arguments[0].text
        return {
            str(n): Value(HIDDEN, text[at : at + step]) for n, at in enumerate(range(0, len(text), step)[:MOST_ITEMS])
        }
    if name == "array_diff" and len(arguments) > 1 and arguments[0].items and arguments[1].items:
        gone = {item.text for item in arguments[1].items.values()}
        return {key: item for key, item in arguments[0].items.items() if item.text not in gone}
    if name == "range" and len(arguments) > 1:
        return _range(arguments[0].text, arguments[1].text)
    return {} if name == "compact" else None


def _range(first: str | None, last: str | None) -> dict[str, Value] | None:
    if not first or not last:
        return None
    low, high = read_number(first), read_number(last)
    if low is not None and high is not None and abs(high - low) < MOST_ITEMS:
        return {str(n): Value(0, str(number)) for n, number in enumerate(range(low, high + 1))}
    if len(first) == len(last) == 1:
        step = 1 if first <= last else -1
        return {str(n): Value(HIDDEN, chr(c)) for n, c in enumerate(range(ord(first), ord(last) + step, step))}
    return None
