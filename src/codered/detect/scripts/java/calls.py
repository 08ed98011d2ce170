"""What calls and constructors do with their values: what they give, and what that shows about the page."""

import re

from codered.detect.scripts.java import effects
from codered.detect.scripts.java.called import Called
from codered.detect.scripts.java.folding import fold_call, fold_text
from codered.detect.scripts.java.values import (
    BODY,
    CHOSEN,
    COMMAND,
    FETCHED,
    NAMED_SCRIPT,
    NOTHING,
    REQUEST,
    TAINTS,
    WHOLE,
    WRITES,
    Value,
    join,
    merge,
)
from codered.detect.scripts.java.world import World

Where = tuple[int, int]
"""The index of the call's word, and the unit it stands in."""

_FILE_TYPE = re.compile(
    r"(?:^|[.,|/( ])(?:jpe?g|png|gif|bmp|pdf|docx?|xlsx?|zip|csv|txt|xml|mp[34])\b|^image/", re.IGNORECASE
)
_UNKNOWN = frozenset(("", "Object", "var", "T", "?"))


def call(world: World, receiver: Value, name: str, args: list[Value], where: Where) -> Value:
    """What `receiver.name(args)` gives; what it shows is reported."""
    own = None
    known = receiver.type in _UNKNOWN or receiver.type in world.classes or receiver.type in ("this", "super")
    if (name, len(args)) in world.by_name and (known or not _means(world, receiver, name)):
        own = world.hand_over(name, args, where[1])
    if own is not None and receiver.type not in _UNKNOWN and not world.is_request(receiver.type):
        return own
    source = _read_source(world, receiver, name, args)
    if source is not None:
        return source
    given = _act(world, receiver, name, args, where)
    if given is None:
        given = fold_call(world.tables, receiver, name, args)
    if given is None:
        given = _pass_on(world, receiver, name, args, where)
    return merge(own, given) if own is not None else given


def construct(world: World, kind: str, args: list[Value], where: Where) -> Value:
    """What `new kind(args)` gives."""
    tables = world.tables
    requests = [value for value in args if world.is_request(value.type)]
    if kind in world.classes:
        world.hand_over(kind, args, where[1])
    if requests and world.is_request(kind):
        return Value(type="request")
    does = tables.makes.get(kind)
    if does and kind not in world.classes:
        made = effects.MAKERS[does](Called(world, Value(type=kind), args, where[0]))
        if made is not None:
            return made._replace(type=kind)
    if kind in tables.text_types:
        return fold_text(kind, args)
    bits = join(args) & (TAINTS | WRITES | CHOSEN | NAMED_SCRIPT)
    if requests:
        bits |= REQUEST | BODY
    said = args[0].said if args and kind in ("File", "URL", "URI", "SecretKeySpec", "StringReader") else None
    if kind == "File" and len(args) > 1:
        bits = bits if args[0].bits & WHOLE else bits & ~WHOLE
        said = args[1].said
    return Value(bits, said, kind)


def _means(world: World, receiver: Value, name: str) -> bool:
    effect = world.tables.calls.get(name)
    return bool(effect and receiver.type in effect.of)


def _read_source(world: World, receiver: Value, name: str, args: list[Value]) -> Value | None:
    """What a visitor sent, if the call asks for that."""
    tables = world.tables
    if name in tables.gives_request and receiver.type != "request":
        return Value(type="request")
    if world.is_request(receiver.type):
        if name in tables.plain_of_request:
            if name in tables.keeps_argument and args:
                return args[0]
            return Value(type=tables.gives.get(name, ""))
        if name in tables.request_sources:
            return Value(REQUEST | WHOLE, None, tables.gives.get(name, ""))
        if name in tables.body_sources:
            return Value(REQUEST | WHOLE | BODY)
        return Value(type="request") if name in tables.gives_request else None
    if name in tables.anywhere_sources and receiver.type != "URI":
        return Value(REQUEST | WHOLE, None, tables.gives.get(name, ""))
    if name in tables.upload_names and (receiver.bits & REQUEST or receiver.type in tables.visitor_types):
        return Value(REQUEST | WHOLE | BODY, None, "String")
    if name in ("getAttribute", "getValue") and args:
        return world.shared.get(f"session:{args[0].said}", NOTHING)
    if name in ("setAttribute", "putValue", "put") and len(args) == 2 and receiver.type != "request":
        world.share(f"session:{args[0].said}", args[1])
    return None


def _act(world: World, receiver: Value, name: str, args: list[Value], where: Where) -> Value | None:
    """Do what the tables say the method does. None if they say nothing of what it gives."""
    effect = world.tables.calls.get(name)
    if effect is None:
        return None
    if effect.of and receiver.type not in effect.of and (effect.firm or receiver.type not in _UNKNOWN):
        return None
    given = effects.HANDLERS[effect.does](Called(world, receiver, args, where[0]))
    if given is None and effect.does == "invoke":
        return _invoke(world, receiver, args, where)
    if given is None and effect.does == "make" and receiver.said:
        return construct(world, receiver.said.rpartition(".")[2], args, where)
    return given


def _invoke(world: World, receiver: Value, args: list[Value], where: Where) -> Value | None:
    """A method that was found by its name is called like any other."""
    kind, _, name = (receiver.said or "").rpartition(".")
    if not name or not kind or name in ("invoke", "newInstance"):
        return None
    target = Value(args[0].bits if args else 0, args[0].said if args else None, kind.rpartition(".")[2])
    return call(world, target, name, args[1:], where)


def _pass_on(world: World, receiver: Value, name: str, args: list[Value], where: Where) -> Value:
    """What an unknown method gives: it may be made of all it was given."""
    tables = world.tables
    kind = tables.gives.get(name, "")
    if (name in tables.safe or receiver.type in tables.safe_types) and not (name == "parseInt" and len(args) > 1):
        if any(_FILE_TYPE.search((value.said or "")[:200]) for value in (receiver, *args)):
            world.report("checks-file-type", where[0])
        return Value(type="number" if name in tables.safe else "")
    bits = (receiver.bits | join(args)) & TAINTS
    if receiver.bits & WRITES and name in ("getChannel", "append", "getOutputStream", "array", "map"):
        bits |= receiver.bits & (WRITES | CHOSEN | NAMED_SCRIPT)
    if any(world.is_request(value.type) for value in args):
        bits |= REQUEST | (BODY if "arse" in name or "pload" in name or "tem" in name else 0)
    if receiver.type == "Process":
        bits |= COMMAND
    if receiver.type in ("HttpURLConnection", "URLConnection"):
        bits |= FETCHED
    if not receiver.bits & WHOLE and receiver.said is None and name in ("concat", "format"):
        bits &= ~WHOLE
    return Value(bits, None, kind)
