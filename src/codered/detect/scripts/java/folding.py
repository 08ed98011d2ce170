"""Texts that are put together or decoded while the page runs, as far as they can be told without running it."""

from codered.detect.scripts.encoded import DECODERS
from codered.detect.scripts.java.tables import Tables
from codered.detect.scripts.java.values import HIDDEN, TAINTS, WHOLE, Value, concatenate, join
from codered.detect.scripts.java.variables import read_number


def fold_text(kind: str, args: list[Value]) -> Value:
    """`new String(…)`, `new StringBuilder(…)`: what they are made of."""
    if not args:
        return Value(0, "", kind)
    said = args[0].said if args[0].type != "number" else ""
    return Value(args[0].bits & TAINTS, said, kind)


def fold_call(tables: Tables, receiver: Value, name: str, args: list[Value]) -> Value | None:
    """What a call gives whose result can be told; None if it can't."""
    texts = [value.said for value in args]
    if name in tables.decoders or receiver.type in tables.decoder_types:
        decoded = _decode(tables, receiver, name, args)
        if decoded is not None:
            return decoded
    if name in tables.keeps_said or name in tables.keeps_argument:
        source = args[0] if args and name in tables.keeps_argument else receiver
        if (source.said is not None and source.type not in ("Class", "Method")) or source.bits & TAINTS:
            return Value((source.bits | join(args)) & TAINTS, source.said, source.type if name == "toString" else "")
        if source.type == "Class" and source.said is not None:
            return Value(source.bits & TAINTS, source.said, "String")
        return None
    if receiver.said is None or receiver.type in ("Class", "Method", "number"):
        return None
    said = _change_text(receiver.said, name, texts)
    if said is None:
        if name in ("append", "concat") and args:
            whole = concatenate([receiver, args[0]])
            return whole._replace(type=receiver.type)
        return None
    hidden = HIDDEN if name in ("reverse", "replace", "replaceAll") else 0
    return Value(((receiver.bits | join(args)) & TAINTS) | hidden, said, receiver.type)


def _decode(tables: Tables, receiver: Value, name: str, args: list[Value]) -> Value | None:
    """A decoder's result: of what the visitor sent it still is the visitor's."""
    source = next((value for value in args if value.said is not None or value.bits & TAINTS), None)
    if source is None:
        return None
    way = tables.decoder_types.get(receiver.type) or tables.decoders.get(name, "")
    if source.said is None or not way:
        return Value(source.bits & TAINTS, None, "")
    said = DECODERS[way](source.said) if len(source.said) > 1 else None
    return Value((source.bits & TAINTS & ~WHOLE) | HIDDEN, said, "")


def _change_text(said: str, name: str, args: list[str | None]) -> str | None:
    """The simple changes of a text that is known."""
    known = [arg for arg in args if arg is not None]
    if len(known) != len(args):
        return None
    if name == "reverse" and not known:
        return said[::-1]
    if name in ("toLowerCase", "toUpperCase"):
        return said.lower() if name == "toLowerCase" else said.upper()
    if name in ("replace", "replaceAll") and len(known) == 2 and known[0]:
        changed = said.replace(known[0], known[1])
        return changed if len(changed) <= 4 * len(said) + 1000 else None
    if name == "substring" and known:
        start, end = read_number(known[0]), read_number(known[1]) if len(known) > 1 else len(said)
        return said[start:end]
    if name == "charAt" and known:
        at = read_number(known[0])
        return said[at : at + 1]
    return None
